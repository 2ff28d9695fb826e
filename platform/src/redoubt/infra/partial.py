"""Plans of changed copies for a fraction of their price: the changed modules are planned, the rest stays.

A proof plans hundreds of copies that differ from one project in a line of one module. What lies
outside of that module is taken from the project's own plan, so a change that acts on another
module is not seen there: a sabotage can thus survive wrongly, which is told, but never be red wrongly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.infra import calls, provider, sandbox, standins, terraform
from redoubt.infra.terraform import Terraform

# The folder ``infra`` of a copy, and the modules that it changed or, once known, their calls.
Copy = tuple[Path, frozenset[str]]
# In a composition, what no plan of it reads.
APART = {".terraform", "tests"}


def keep(tool: Terraform, plan: dict[str, Any], work: Path, environment: str) -> None:
    """Take what every module was given out of a plan, and keep it for copies of this project."""
    files.write_text(_place(work, environment), json.dumps(calls.answered(tool, plan)))


def kept(work: Path, environment: str) -> dict[str, Any]:
    """Return what :func:`keep` kept."""
    found: dict[str, Any] = json.loads(_place(work, environment).read_text())
    return found


def _place(work: Path, environment: str) -> Path:
    return work / f"{environment}.calls.json"


def changed(infra: Path, pristine: Path) -> frozenset[str] | None:
    """Return the modules whose files differ, or None when anything else does, or nothing does."""
    modules = {Path(name).parts[:2] for name in differing(infra, pristine)}
    if not modules or any(len(parts) < 2 or parts[0] != "modules" for parts in modules):
        return None
    return frozenset("/".join(parts) for parts in modules)


def differing(infra: Path, pristine: Path) -> set[str]:
    """Return the files that differ, or are in one of the two only, without what no plan reads."""
    here, there = dict(_files(infra)), dict(_files(pristine))
    return {
        name for name in here.keys() | there.keys()
        if name not in here or name not in there
        or here[name].read_bytes() != there[name].read_bytes()
    }  # fmt: skip


def _files(infra: Path) -> Iterator[tuple[str, Path]]:
    for folder in (infra, *(path for path in infra.rglob("*") if path.is_dir())):
        for path in folder.iterdir():
            if path.is_file() and not APART & set(path.relative_to(infra).parts):
                yield path.relative_to(infra).as_posix(), path


def plan(
    infra: Path, environment: str, folder: Path, work: Path, modules: frozenset[str]
) -> dict[str, Any] | None:
    """Return the plan of a copy that differs in ``modules`` from the project planned in ``work``.

    None when it has to be planned as a whole. Raises Refused with Terraform's words when the
    modules cannot be planned.
    """
    return plans({"copy": (infra, modules)}, environment, folder, work).get("copy")


def plans(
    copies: Mapping[str, Copy], environment: str, folder: Path, work: Path
) -> dict[str, dict[str, Any]]:
    """Return the plans of copies of the project planned in ``work``, made by one run of Terraform.

    Most of what a small plan costs is to start, so many cost little more than one. What has to be
    planned as a whole is left out. Raises Refused as soon as one of them cannot be planned.
    """
    known = kept(work, environment)
    if known["provider"] is None:
        return {}
    names = {tag: callers(known["modules"], modules) for tag, (_, modules) in copies.items()}
    names = {tag: some for tag, some in names.items() if some <= known["calls"].keys()}
    pristine = json.loads((work / f"{environment}.json").read_text())
    asked = {tag: (copies[tag][0], some) for tag, some in names.items() if some}
    found = together(asked, folder / "infra", known) if asked else {}
    return {
        tag: merged(pristine, calls.own(found, tag, some), some) if some else pristine
        for tag, some in names.items()
    }


def together(
    copies: Mapping[str, Copy], target: Path, known: Mapping[str, Any],
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the plan of a root that only calls these modules of these copies, as is ``known``.

    ``given`` has the calls of a copy that gives its modules something else.
    """
    for tag, (infra, _) in copies.items():
        sandbox.copy(infra / "modules", target / tag / "modules")
        standins.write(target / tag)
    names = {tag: some for tag, (_, some) in copies.items()}
    (target / sandbox.OVERRIDE).write_text(sandbox.NOBODY)
    (target / "main.tf.json").write_text(json.dumps(calls.root(known, names, given)))
    binary = Path(known["binary"] or "")
    with terraform.configured(sandbox.HASTE) as environ:
        if binary.is_file():
            place = target / ".terraform" / "modules" / "modules.json"
            files.write_text(place, json.dumps(calls.manifest(known, names)))
        else:
            Terraform(target, environ).run("init", "-input=false", "-no-color")
        environ.pop("AWS_CA_BUNDLE", None)
        found = binary if binary.is_file() else provider.initialised(target)
        with provider.attached(found, environ) as attached:
            return Terraform(target, attached).plan("-refresh=false")


def callers(known: list[dict[str, str]], modules: frozenset[str]) -> frozenset[str]:
    """Return the calls of the root module that use one of ``modules``, directly or below."""
    return frozenset(entry["Key"].partition(".")[0] for entry in known if entry["Dir"] in modules)


def merged(
    pristine: Mapping[str, Any], found: Mapping[str, Any], names: frozenset[str]
) -> dict[str, Any]:
    """Return the pristine plan with the modules called ``names`` as they were found to be."""

    def of_calls(item: Mapping[str, Any]) -> bool:
        parts = str(item.get("module_address", "")).split(".")
        return parts[0] == "module" and parts[1].partition("[")[0] in names

    kept = [item for item in pristine["resource_changes"] if not of_calls(item)]
    new = [item for item in found["resource_changes"] if of_calls(item)]
    return dict(pristine) | {
        "resource_changes": kept + new, "configuration": _configured(pristine, found, names),
    }  # fmt: skip


def _configured(
    pristine: Mapping[str, Any], found: Mapping[str, Any], names: frozenset[str]
) -> dict[str, Any]:
    """Return the pristine configuration with the insides of the modules ``names`` as found."""
    whole, new = (one["configuration"]["root_module"]["module_calls"] for one in (pristine, found))
    called = {name: call | {"module": new[name]["module"]} if name in names else call
              for name, call in whole.items()}  # fmt: skip
    configuration = pristine["configuration"]
    return dict(configuration) | {
        "root_module": configuration["root_module"] | {"module_calls": called}
    }
