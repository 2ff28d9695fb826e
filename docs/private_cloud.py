"""The page of Terraform modules: what each is for, what it takes and what it gives.

`terraform fmt -check` guarantees the shape that is read here (a block starts and ends at the margin, its
arguments are indented by two), so lines are enough and no parser of the language is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.M | re.S)
ARGUMENT = re.compile(r"^  (\w+)\s+= (.*?)(?=^  \w|^  #|^$|\Z)", re.M | re.S)
RESOURCE = re.compile(r'^resource "(\w+)" "\w+" \{', re.M)
CONTROL = re.compile(r"# control: (.+)$", re.M)
Table = Callable[[tuple[str, ...], list[tuple[object, ...]]], str]


class Block(NamedTuple):
    """One variable or output; ``type`` and ``default`` are Terraform's own words, empty where absent."""

    kind: str
    name: str
    description: str
    type: str
    default: str


def blocks(folder: Path) -> Iterator[Block]:
    """Yield the variables, then the outputs, of a module in the order of their files."""
    for name in ("variables.tf", "outputs.tf"):
        path = folder / name
        for kind, block, body in BLOCK.findall(path.read_text() if path.exists() else ""):
            given = {
                key: " ".join(text.removeprefix("<<-EOT").split())
                for key, text in ARGUMENT.findall(body)
            }
            yield Block(kind, block, given["description"].strip('"').replace('\\"', '"'),
                        given.get("type", ""), given.get("default", ""))  # fmt: skip


def purpose(folder: Path) -> str:
    """Return the comment that opens main.tf or terraform.tf. Raises ValueError when there is none."""
    path = next(folder / name for name in ("main.tf", "terraform.tf") if (folder / name).exists())
    comment = re.match(r"(?:# .*\n)+", path.read_text())
    if comment is None:
        raise ValueError(f"{path} must open with a comment that says what the module is for")
    return " ".join(line[2:] for line in comment[0].splitlines())


def page(root: Path, table: Table) -> str:
    """Return the page of every module under ``root``."""
    parts = ["# Terraform modules\n",
             "The composition in `infra/*.tf` calls them; every value that a bank sets is a variable of the "
             "composition (the last section) or stands in `infra/environments/*.tfvars`.\n"]  # fmt: skip
    for folder in sorted(path for path in (root / "modules").iterdir() if path.is_dir()):
        parts.append(_section(folder, f"`{folder.name}`", table))
    parts.append(_section(root / "project", "The composition", table))
    return "\n".join(parts)


def _section(folder: Path, title: str, table: Table) -> str:
    text = "".join(path.read_text() for path in sorted(folder.glob("*.tf")))
    named = sorted(
        {name for line in CONTROL.findall(text) for name in re.findall(r"[A-Z]+-\d+", line)}
    )
    kinds = sorted(set(RESOURCE.findall(text)))
    parts = [f"## {title}\n\n{purpose(folder)}\n"]
    if named:
        parts.append(f"Controls: {', '.join(named)}.\n")
    if kinds:
        parts.append(f"Creates: {', '.join(f'`{kind}`' for kind in kinds)}.\n")
    found = list(blocks(folder))
    inputs = [(f"`{b.name}`", b.description, f"`{b.type}`", f"`{b.default}`" if b.default else "required")
              for b in found if b.kind == "variable"]  # fmt: skip
    outputs = [(f"`{b.name}`", b.description) for b in found if b.kind == "output"]
    if inputs:
        parts.append(table(("input", "meaning", "type", "default"), inputs))
    if outputs:
        parts.append(table(("output", "meaning"), outputs))
    return "\n".join(parts)
