"""`python -m tests.lint.rooms [PATH…]`: check rooms and facts, and these paths, with `mypy --strict`.

A parameter of a room's test or of a fact has no annotation, because its name says what it is. mypy
reads copies in which it is written out: what the fact or fixture of that name hands out, or the type
of the literals that the test is parametrised with. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

COPIES = Path(".venv") / "typed"
KNOWN = {
    "work": "pathlib.Path",
    "tmp_path": "pathlib.Path",
    "tmp_path_factory": "pytest.TempPathFactory",
    "monkeypatch": "pytest.MonkeyPatch",
    "request": "pytest.FixtureRequest",
    "capsys": "pytest.CaptureFixture[str]",
    "caplog": "pytest.LogCaptureFixture",
}
NEEDED = ["import pathlib", "import typing", "import pytest"]
Function = ast.FunctionDef


class Unclear(Exception):
    """A type that cannot be known; the text says where and what to do."""


def module(path: Path) -> str:
    """Return the dotted name that a file of ``controls/`` has among the copies."""
    folder, name = (re.sub(r"\W", "_", word) for word in (path.parent.name, path.stem))
    return f"facts.{name}" if folder == "facts" else f"rooms.{folder}_{name}"


def marks(function: Function) -> Iterator[tuple[str, list[ast.expr]]]:
    """Yield the last word of each decorator's name, and its arguments."""
    for item in function.decorator_list:
        called, given = (item.func, item.args) if isinstance(item, ast.Call) else (item, [])
        yield ast.unparse(called).split(".")[-1], given


def functions(tree: ast.Module) -> Iterator[tuple[Function, bool]]:
    """Yield what pytest calls in a file, and whether that hands something out: a fact or fixture."""
    for node in tree.body:
        if isinstance(node, Function):
            hands_out = bool({"fact", "fixture"} & dict(marks(node)).keys())
            if hands_out or node.name.startswith("test_"):
                yield node, hands_out


def handed(function: Function) -> str:
    """Return the type of what a fact or fixture hands out: its folder, what it yields or returns."""
    if "work" in (argument.arg for argument in function.args.args):
        return "pathlib.Path"
    given = function.returns
    if given is None or ast.unparse(given) == "None":
        raise Unclear(f"{function.name} does not say what it hands out: annotate its result")
    if isinstance(given, ast.Subscript) and ast.unparse(given.value) == "Iterator":
        given = given.slice
    return ast.unparse(given)


class Literals:
    """The types of literals in one file, where a name stands for what is assigned to it at the top."""

    def __init__(self, tree: ast.Module) -> None:
        self.named = {ast.unparse(node.targets[0]): node.value
                      for node in tree.body if isinstance(node, ast.Assign)}  # fmt: skip

    def parameters(self, function: Function) -> Iterator[tuple[str, Iterable[ast.expr]]]:
        """Yield each name that a test is parametrised with, and its values."""
        for word, given in marks(function):
            if word == "parametrize":
                names, rows = ast.literal_eval(given[0]), self.items(given[1])
                one = isinstance(names, str)
                columns = [rows] if one else zip(*map(self.items, rows), strict=True)
                yield from zip([names] if one else names, columns, strict=True)

    def items(self, node: ast.expr) -> list[ast.expr]:
        """Return what a literal is iterated over."""
        match self.named.get(ast.unparse(node), node):
            case ast.Dict(keys):
                return [key for key in keys if key is not None]
            case ast.List(items) | ast.Tuple(items):
                return items
        raise Unclear(f"{ast.unparse(node)} is no literal: write out what to test with")

    def union(self, nodes: Iterable[ast.expr]) -> str:
        """Return the type of what may be any of these."""
        return " | ".join(sorted({self.kind(node) for node in nodes}))

    def kind(self, node: ast.expr) -> str:
        """Return the type of one literal."""
        match self.named.get(ast.unparse(node), node):
            case ast.Constant(value):
                return "None" if value is None else type(value).__name__
            case ast.Tuple(items):
                return f"tuple[{', '.join(map(self.kind, items)) or '()'}]"
            case ast.List(items):
                return f"list[{self.union(items)}]"
            case ast.Dict(_, values):
                return f"dict[{self.union(self.items(node))}, {self.union(values)}]"
            case ast.Lambda():
                return "typing.Callable[..., object]"
            case ast.UnaryOp(_, of) | ast.BinOp(of):
                return self.kind(of)
        raise Unclear(f"the type of {ast.unparse(node)} cannot be told: annotate the parameter")


class Rooms:
    """The files of ``controls/``, read once; ``write()`` makes their annotated copies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.trees = {path: ast.parse(path.read_bytes())
                      for path in sorted((root / "controls").glob("**/*.py"))}  # fmt: skip
        self.homes = {node.name: module(path) for path, tree in self.trees.items()
                      for node, hands_out in functions(tree) if hands_out}  # fmt: skip

    def write(self, target: Path) -> dict[str, str]:
        """Write every copy; return the copies' names and those of their sources."""
        shutil.rmtree(target, ignore_errors=True)
        written = {}
        for path in self.trees:
            copy = target / f"{module(path).replace('.', '/')}.py"
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text("\n".join(self.annotated(path)))
            written[str(copy)] = str(path.relative_to(self.root))
        return written

    def annotated(self, path: Path) -> list[str]:
        """Return a file's lines with every parameter annotated; what that needs stands at the end."""
        tree, lines, tail = self.trees[path], path.read_text().splitlines(), list(NEEDED)
        for function, hands_out in functions(tree):
            try:
                tail += self.annotate(function, Literals(tree))
                if hands_out:
                    tail.append(f"Handed_{function.name}: typing.TypeAlias = {handed(function)!r}")
            except Unclear as error:
                where = f"{path.relative_to(self.root)}:{function.lineno}"
                raise Unclear(f"{where}: {function.name}: {error}") from None
            head = slice(function.lineno - 1, function.body[0].lineno - 1)
            function.decorator_list, function.body = [], [ast.Pass()]
            padding = [""] * (head.stop - head.start - 1)
            lines[head] = [ast.unparse(function).splitlines()[0], *padding]
        return [*lines, *tail, ""]

    def annotate(self, function: Function, literals: Literals) -> Iterator[str]:
        """Annotate one function in place; yield the imports that this needs."""
        values = dict(literals.parameters(function))
        for argument in function.args.args:
            name = argument.arg
            if argument.annotation is not None:
                continue
            kind = literals.union(values.get(name, ())) or KNOWN.get(name)
            if kind is None:
                kind = f"Handed_{name}"
                yield f"from {self.home(name)} import {kind}"
            argument.annotation = ast.parse(kind, mode="eval").body
        if function.returns is None:
            function.returns = ast.Constant(None)

    def home(self, name: str) -> str:
        """Return the copy that a fact or fixture is in."""
        if name not in self.homes:
            raise Unclear(f"{name} is no fact and no fixture: correct its name, or annotate it")
        return self.homes[name]


def main(root: Path, others: list[str]) -> int:
    """Check; return mypy's exit code. What it says of a copy is shown as said of the source."""
    try:
        written = Rooms(root).write(root / COPIES)
    except Unclear as error:
        print(error)
        return 1
    command = [sys.executable, "-m", "mypy", *others, *written]
    fixed = os.environ | {"MYPYPATH": str(root / COPIES)}
    done = subprocess.run(
        command, cwd=root, env=fixed, text=True, stdout=subprocess.PIPE, check=False
    )
    for line in done.stdout.splitlines():
        place, colon, rest = line.partition(":")
        print(written.get(str(root / place), place) + colon + rest)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), sys.argv[1:]))
