"""What the AWS emulator lacks, read from ``gaps.yml`` and written as Terraform override files.

The composition itself is never edited: ``zz_emulator_override.tf`` stands beside a module's own files in
a private copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from redoubt import plain_yaml
from redoubt.errors import BadInput

NAME = "zz_emulator_override.tf"
KINDS = ("absent", "set", "ignored", "variable", "resists", "left")
WRITTEN = ("absent", "set", "ignored")


@dataclass(frozen=True)
class Gap:
    """One thing that the emulator lacks, and where a plan or a module's test shows it instead."""

    kind: str
    module: str  # folder of infra/modules
    resource: str  # type.name; of a variable its name
    attribute: str  # of a set or an ignored one
    value: str  # HCL, of a set one or a variable; of a resisting one a call, of one that is left its kind
    lacks: str
    planned: Any  # what the plan without an emulator shows: see gaps.yml
    extra: Mapping[str, str]  # attributes of an absent one, which would refer to another absent one
    follows: str  # of an absent one: the entry on which it depends

    @property
    def place(self) -> str:
        """Return ``module/type.name.attribute``, as far as there is one."""
        name = f"{self.module}/{self.resource}" if self.module else self.resource
        return name + (f".{self.attribute}" if self.attribute else "")

    def __str__(self) -> str:
        return f"{self.kind} {self.place}"


def read(text: str | None = None) -> list[Gap]:
    """Return every gap. Raises BadInput on an unknown kind, a doubled entry, or one without its reasons."""
    if text is None:
        text = resources.files(__package__).joinpath("gaps.yml").read_text()
    found = [_gap(kind, item) for kind, items in plain_yaml.load(text).items() for item in items]
    doubled = {str(gap) for gap in found if sum(str(gap) == str(other) for other in found) > 1}
    if doubled:
        raise BadInput(f"gaps.yml names twice: {', '.join(sorted(doubled))}.", remedy="drop one")
    return found


def _gap(kind: str, item: Mapping[str, Any]) -> Gap:
    module, _, resource = str(item.get("resource", "")).rpartition("/")
    if kind == "variable":
        resource = str(item.get("name", ""))
    gap = Gap(
        kind, module, resource, str(item.get("attribute", "")), str(item.get("value", "")),
        str(item.get("lacks", "")), item.get("planned"), item.get("with", {}), item.get("follows", ""),
    )  # fmt: skip
    complete = gap.resource and gap.lacks and gap.planned
    if kind not in KINDS or not complete or (kind in ("set", "ignored") and not gap.attribute):
        raise BadInput(
            f"gaps.yml: {gap} is of no known kind or has no resource, `lacks` or `planned`.",
            remedy=f"kinds are {', '.join(KINDS)}; say what moto lacks and what the plan shows instead",
        )
    return gap


def write(infra: Path, gaps: Iterable[Gap]) -> None:
    """Write the override files of a private copy anew, for these gaps only.

    Raises BadInput when an entry names a resource that no module has.
    """
    for path in infra.glob(f"modules/*/{NAME}"):
        path.unlink()
    lines: dict[tuple[str, str], list[str]] = {}
    ignored: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        if gap.kind not in WRITTEN:
            continue
        place = (gap.module, gap.resource)
        body = _block(infra, gap)
        if gap.kind == "absent":
            meta = "for_each = {}" if re.search(r"^  for_each\s+=", body, re.M) else "count = 0"
            lines.setdefault(place, []).append(f"  {meta}")
            lines[place] += [f"  {name} = {value}" for name, value in gap.extra.items()]
        elif gap.kind == "set":
            equals = "" if gap.value.startswith("{\n") else "= "
            lines.setdefault(place, []).append(f"  {gap.attribute} {equals}{gap.value.rstrip()}")
        else:
            ignored.setdefault(place, []).append(gap.attribute)
    for place, names in ignored.items():
        text = f"  lifecycle {{\n    ignore_changes = [{', '.join(names)}]\n  }}"
        lines.setdefault(place, []).append(text)
    for (module, resource), body_lines in lines.items():
        kind, _, name = resource.partition(".")
        with (infra / "modules" / module / NAME).open("a") as file:
            file.write(f'resource "{kind}" "{name}" {{\n' + "\n".join(body_lines) + "\n}\n\n")


def variables(gaps: Iterable[Gap]) -> dict[str, Any]:
    """Return the values of the composition's own switches for an emulator."""
    return {gap.resource: plain_yaml.load(gap.value) for gap in gaps if gap.kind == "variable"}


def _block(infra: Path, gap: Gap) -> str:
    """Return the block of the gap's resource as the module writes it."""
    kind, _, name = gap.resource.partition(".")
    begin = re.compile(rf'^resource "{kind}" "{name}" \{{\n(.*?)^\}}', re.M | re.S)
    for path in sorted((infra / "modules" / gap.module).glob("*.tf")):
        found = begin.search(path.read_text())
        if found:
            return found[1]
    raise BadInput(
        f"gaps.yml: modules/{gap.module} has no resource {gap.resource}.",
        remedy="drop the entry, or name the resource as it is called now",
    )
