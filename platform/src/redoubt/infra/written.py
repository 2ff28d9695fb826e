"""What Terraform files say as text: the few settings that no plan shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ARGUMENT = re.compile(r"^\s*([\w-]+)\s*=\s*(.+?)\s*$", re.M)
RESOURCE = re.compile(r'^\s*resource\s+"(\w+)"', re.M)
PROVIDER = re.compile(r'^\s*provider\s+"(\w+)"', re.M)
# What is named so was made by nobody whom a plan shows.
IDENTIFIER = re.compile(r'"(?:subnet|sg|vpc|vpce|igw|eigw|nat|pcx)-[0-9a-f]{4,17}"')
UNREAD = re.compile(r"\.(tf|tofu)\.json$|\.tofu$|(^|_)override\.tf$")
ESCAPED = re.compile(r"\\.")
BLOCK = re.compile(r"/\*")
COMMENT = re.compile(r"^\s*(#|//).*$", re.M)


def block(folder: Path, header: str) -> dict[str, str]:
    """Return the arguments of the one block with this header in ``*.tf``, as they are written.

    Nested blocks are left out. Raises LookupError when there is none, or more than one.
    """
    found = [
        body for path in sorted(folder.glob("*.tf")) for body in _bodies(path.read_text(), header)
    ]
    if len(found) != 1:
        raise LookupError(f"{folder.name}/*.tf has {len(found)} blocks {header}, not one")
    return dict(ARGUMENT.findall(found[0]))


def _bodies(text: str, header: str) -> list[str]:
    """Return the body of each block, without the blocks inside it."""
    plain = COMMENT.sub("", text)
    return [
        _outer(plain[match.end() :]) for match in re.finditer(re.escape(header) + r"\s*\{", plain)
    ]


def _outer(text: str) -> str:
    """Return what stands before the brace that closes the block, at its own depth."""
    depth, kept = 1, []
    for letter in text:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0:
            break
        if depth == 1:
            kept.append(letter)
    return "".join(kept)


def types(folder: Path) -> set[str]:
    """Return the type of every resource that ``*.tf`` below a folder writes, whether it is made or not."""
    return {kind for _, text in _texts(folder) for kind in RESOURCE.findall(text)}


def providers(folder: Path) -> list[str]:
    """Return ``path: name`` of every provider that ``*.tf`` below a folder sets up."""
    return [f"{name}: {kind}" for name, text in _texts(folder) for kind in PROVIDER.findall(text)]


def identifiers(folder: Path) -> list[str]:
    """Return ``path: "sg-…"`` of every part of a network that ``*.tf`` below a folder names by its id."""
    return [f"{name}: {one}" for name, text in _texts(folder) for one in IDENTIFIER.findall(text)]


def text(folder: Path) -> str:
    """Return all ``*.tf`` below a folder, without comments."""
    return "\n".join(text for _, text in _texts(folder))


# control: MON-06
def unread(folder: Path) -> list[str]:
    """Return the files of Terraform that nothing here reads as Terraform does.

    They are JSON, change what another file says, or hide lines in a block comment.
    """
    found = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*")
        if UNREAD.search(path.name) and ".terraform" not in path.parts
    }  # fmt: skip
    hiding = {
        name for name, text in _texts(folder) if any(_opens(line) for line in text.splitlines())
    }
    return sorted(found | hiding)


def _opens(line: str) -> bool:
    """Say whether a block comment begins on a line: ``/*`` after an even number of quotes."""
    plain = ESCAPED.sub("", line)
    return any(plain[: match.start()].count('"') % 2 == 0 for match in BLOCK.finditer(plain))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.tf")):
        if ".terraform" not in path.parts:
            yield path.relative_to(folder).as_posix(), COMMENT.sub("", path.read_text())


def arguments(path: Path) -> dict[str, str]:
    """Return the arguments of a file that has no blocks, such as a backend's values."""
    return dict(ARGUMENT.findall(COMMENT.sub("", path.read_text())))
