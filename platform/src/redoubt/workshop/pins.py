"""Requirement files: what is asked (``.in``) and what is pinned by hash (``.txt``)."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from redoubt.errors import BadInput, Refused
from redoubt.files import write_text

PLATFORM = ("train", "serve", "infra", "dev", "build")
OLDEST = "3.11"
HEADER = re.compile(r"^# inputs: (sha256:[0-9a-f]{64})$", re.MULTILINE)
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")


def asked(source: Path) -> Iterator[str]:
    """Give the requirement lines of a ``.in`` file and of the files that it includes.

    Raises BadInput when the file or an included one does not exist.
    """
    if not source.is_file():
        raise BadInput(f"{source} does not exist.", remedy="restore the file, or drop its -r line")
    for line in source.read_text(encoding="utf-8").splitlines():
        words = line.partition("#")[0].strip()
        if words.startswith("-r "):
            yield from asked(source.parent / words.removeprefix("-r ").strip())
        elif words:
            yield words


def inputs(source: Path) -> str:
    """Return the digest of what a ``.in`` file asks for; comments and order of files do not count."""
    text = "\n".join(sorted(set(asked(source))))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def current(source: Path, pinned: Path) -> bool:
    """Say whether a ``.txt`` was compiled from what its ``.in`` asks for now."""
    found = HEADER.search(pinned.read_text(encoding="utf-8")) if pinned.is_file() else None
    return found is not None and found[1] == inputs(source)


def blocks(text: str) -> dict[str, str]:
    """Return requirement line -> the block with its hashes, in the order of a compiled text."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if PIN.match(line):
            name = line.rstrip("\\ ").strip()
            found[name] = line
        elif line.startswith("    --hash") and found:
            found[name] += "\n" + line
    return found


def versions(pinned: Path) -> set[tuple[str, str]]:
    """Return the (name, version) pairs that a ``.txt`` pins; a name may have several, by marker."""
    lines = pinned.read_text(encoding="utf-8").splitlines()
    return {(found[1], found[2]) for line in lines if (found := PIN.match(line))}


def resolve(
    uv: Sequence[str],
    source: Path,
    *,
    constraints: Iterable[Path] = (),
    environment: Mapping[str, str],
    previous: Path | None = None,
    flags: Sequence[str] = (),
) -> str:
    """Return the pins of ``source`` for every supported Python and system, with hashes, no address.

    ``previous`` is an earlier result whose pins are kept where they still fit.
    Raises Refused with the resolver's own words when there is no solution.
    """
    with tempfile.TemporaryDirectory() as work:
        output = Path(work) / "pins.txt"
        if previous is not None and previous.is_file():
            output.write_bytes(previous.read_bytes())
        command = [
            *uv, "pip", "compile", str(source), "--output-file", str(output), "--quiet",
            "--universal", "--python-version", OLDEST, "--generate-hashes", "--no-header",
            "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--no-python-downloads",
            *flags,
        ]  # fmt: skip
        for path in constraints:
            command += ["--constraint", str(path)]
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Refused(
                f"{source.name} cannot be resolved:\n{done.stderr.strip()}",
                remedy="change the named requirement, or fix the index settings (`redoubt doctor`)",
            )
        return output.read_text(encoding="utf-8")


def write(source: Path, target: Path, text: str, by: str) -> None:
    """Write a ``.txt`` in one step, with a header that says what it was compiled from and how.

    Raises Refused when a pin has no hash or names an address.
    """
    pinned = blocks(text)
    bare = [name for name, block in pinned.items() if "--hash=" not in block]
    if bare or "://" in text:
        raise Refused(
            f"{source.name} asks for something without a hash: {', '.join(bare) or 'an address'}.",
            remedy="ask for a released package by name, not for a folder or an address",
        )
    head = f"# Generated from {source.name} by `{by}`; do not edit.\n# inputs: {inputs(source)}\n"
    write_text(target, head + "".join(block + "\n" for block in pinned.values()))
    target.chmod(0o644)
