"""Findings of a scanner that stay: ``infra/skips.yml`` is the one list, each line with reason and end.

A line names one resource, in one of two ways. ``bucket/aws_s3_bucket.this`` is how it is written: the
module's folder, then the resource in it. The line is repeated as a comment in that resource, so that
the scanner agrees when nobody asks us. ``module.storage.module.access_logs.aws_s3_bucket.this`` is an
address in a plan: one of several that share their text, or a finding that only a plan shows.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from redoubt.errors import BadInput, yaml_fault

FILE = "skips.yml"
LONGEST = datetime.timedelta(days=366)
CHECK = re.compile(r"CKV2?_[A-Z]+_\d+")
RESOURCE = re.compile(r"(?:[a-z]+/|(?:module\.[\w-]+\.)+)\w+\.\w+")
REASON = re.compile(r"[^\n]{40,}\.")
FIELDS = ("id", "resource", "reason", "expires")
# What scanners obey, whoever wrote it, under every name that they have had.
OBEYED = re.compile(r"(?:checkov|bridgecrew|cortex):skip=|(?:trivy|tfsec):ignore")
OURS = re.compile(r"^  # checkov:skip=.*\n", re.M)
BLOCK = re.compile(r'^resource "(\w+)" "(\w+)" \{\n.*?^\}$', re.M | re.S)


@dataclass(frozen=True, order=True)
class Finding:
    """One failed check on one resource: how it is written, and its address without indexes."""

    check: str
    written: str
    address: str

    def __str__(self) -> str:
        return f"{self.check} {self.written} ({self.address})"


@dataclass(frozen=True)
class Skip:
    """One line of the list."""

    check: str
    resource: str
    reason: str
    expires: datetime.date

    @property
    def in_plan_only(self) -> bool:
        """Say whether the line names an address, which no comment can."""
        return self.resource.startswith("module.")

    def names(self, found: Finding) -> bool:
        """Say whether the line speaks of a finding."""
        own = found.address if self.in_plan_only else found.written
        return (self.check, self.resource) == (found.check, own)

    @property
    def comment(self) -> str:
        """Return the line as the scanner reads it inside a resource."""
        return f"  # checkov:skip={self.check}:{self.reason} Until {self.expires}.\n"


def read(path: Path) -> tuple[Skip, ...]:
    """Return the lines. Raises BadInput on one that is not whole, stands twice or names more than one resource."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        found = tuple(_skip(row, path) for row in rows)
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise BadInput(
            f"{path.name} cannot be read: {yaml_fault(error)}.",
            remedy="give a list of {id, resource, reason, expires}",
        ) from error
    keys = [(skip.check, skip.resource) for skip in found]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise BadInput(f"{path.name} names {twice[0]} twice.", remedy="keep one of the two lines")
    return found


def _skip(row: Any, path: Path) -> Skip:
    if not isinstance(row, dict) or set(row) != set(FIELDS):
        wrong = [f"its fields are not {', '.join(FIELDS)}"]
    else:
        faults = {
            "id is no check of checkov": not CHECK.fullmatch(str(row["id"])),
            "resource is not one resource by name": not RESOURCE.fullmatch(str(row["resource"])),
            "reason does not say why, in one line": not REASON.fullmatch(str(row["reason"])),
            "expires is no date": not isinstance(row["expires"], datetime.date),
        }
        wrong = [text for text, is_so in faults.items() if is_so]
    if wrong:
        raise BadInput(
            f"{path.name} has a line that is refused, because {' and '.join(wrong)}: {row}.",
            remedy="give id, resource (module/type.name, or an address), reason and a date",
        )
    return Skip(*(row[name] for name in FIELDS))


def judge(
    written: Iterable[Finding], planned: Iterable[Finding], skips: Iterable[Skip],
    today: datetime.date,
) -> list[str]:  # fmt: skip
    """Return what is wrong: findings that no valid line names, and lines that are late, far off or idle."""
    written, planned, skips = set(written), set(planned), tuple(skips)
    valid = [skip for skip in skips if today <= skip.expires <= today + LONGEST]
    # A comment speaks of the text, so its line must be needed there; an address only where it is planned.
    idle = [
        skip for skip in valid
        if not any(skip.names(item) for item in (planned if skip.in_plan_only else written))
    ]  # fmt: skip
    return sorted([
        *(f"{item}: failed in the files" for item in written if not excused(item, valid, plan=False)),
        *(f"{item}: failed in the plan" for item in planned if not excused(item, valid)),
        *(f"{skip.check} {skip.resource}: expired on {skip.expires}"
          for skip in skips if skip.expires < today),
        *(f"{skip.check} {skip.resource}: {skip.expires} is more than a year away"
          for skip in skips if skip.expires > today + LONGEST),
        *(f"{skip.check} {skip.resource}: nothing is skipped by it" for skip in idle),
    ])  # fmt: skip


def excused(found: Finding, skips: Iterable[Skip], *, plan: bool = True) -> bool:
    """Say whether a line names a finding; in the files only a line that is repeated there counts."""
    return any(skip.names(found) for skip in skips if plan or not skip.in_plan_only)


def inscribed(text: str, module: str, skips: Iterable[Skip]) -> str:
    """Return a file of a module with the comments that the list asks for, and no others of that form."""
    wanted = [skip for skip in skips if skip.resource.startswith(f"{module}/")]

    def close(block: re.Match[str]) -> str:
        name = f"{module}/{block[1]}.{block[2]}"
        ours = "".join(skip.comment for skip in wanted if skip.resource == name)
        return f"{block[0].removesuffix('}')}{ours}}}"

    return BLOCK.sub(close, OURS.sub("", text))


def behind(infra: Path, skips: tuple[Skip, ...]) -> Iterator[tuple[Path, str]]:
    """Yield (file, what it should hold) of each file of a module whose comments are not the list's."""
    for path in sorted((infra / "modules").glob("*/*.tf")):
        text = path.read_text(encoding="utf-8")
        if (right := inscribed(text, path.parent.name, skips)) != text:
            yield path, right


def lost(infra: Path, skips: tuple[Skip, ...]) -> list[str]:
    """Return the resources that lines name and no module holds."""
    there = {
        f"{path.parent.name}/{kind}.{name}"
        for path in (infra / "modules").glob("*/*.tf")
        for kind, name in BLOCK.findall(path.read_text(encoding="utf-8"))
    }
    return sorted({s.resource for s in skips if not s.in_plan_only} - there)
