"""Write the generated pages of docs/reference/ from their sources, or check that they are current.

`python docs/generate.py` writes; `python docs/generate.py --check` names every page that is behind.
The comments in the Terraform modules that repeat infra/skips.yml are written and checked with them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import private_cloud
import typer.main
import yaml

from redoubt.cli import app
from redoubt.infra import skips
from redoubt.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
HEADER = "<!-- Generated from {source} by docs/generate.py; edit the source. -->\n\n"


def read(path: str) -> Any:
    """Parse a YAML file of the repository."""
    return yaml.safe_load((ROOT / path).read_text())


def row(*cells: object) -> str:
    """Return one row of a Markdown table."""
    return (
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
    )


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a Markdown table."""
    return "\n".join([row(*head), row(*("---" for _ in head)), *(row(*r) for r in rows)]) + "\n"


def controls() -> str:
    """Describe every room: objective, requirements with their subjects, limits."""
    parts = ["# Controls\n"]
    for path in sorted((ROOT / "controls").glob("*/control.yml")):
        room = yaml.safe_load(path.read_text())
        tiers = ", ".join(f"tier {tier} {level}" for tier, level in room["tiers"].items())
        rows = [
            (item["id"], item["claim"], item["subject"], _proof(item))
            for item in room["requirements"]
        ]
        parts.append(f"## {room['id']} {room['title']}\n")
        parts.append(f"{room['objective']}\n\n*{tiers}.* Room: `{path.parent.name}`.\n")
        parts.append(table(("requirement", "claim", "subject", "proven by"), rows))
        parts.append(f"What green does not show: {room['limits']}\n")
        parts.append(f"When it is red: {room['remedy']}\n")
    return "\n".join(parts)


def _proof(requirement: dict[str, Any]) -> str:
    if "result" not in requirement:
        return f"a check, red on {len(requirement['breaks'])} sabotages"
    planned = requirement.get("planned")
    when = f"planned, part {planned['part']}: {planned['component']}" if planned else ""
    return f"{requirement['result']} ({when or requirement['why']})"


def commands() -> str:
    """Describe every verb of the command line."""
    parts = ["# Commands of `redoubt`\n",
             "Exit codes: 0 done, 1 refused, 2 usage or bad input, 3 something needed is absent.\n"]  # fmt: skip
    root = typer.main.get_command(app)
    for name, command in _leaves(root, "redoubt"):
        parts.append(f"## `{name}`\n\n{(command.help or '').strip()}\n")
        rows = [_parameter(item) for item in command.params if item.name != "help"]
        if rows:
            parts.append(table(("argument", "meaning", "default"), rows))
    return "\n".join(parts)


def _leaves(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    children = getattr(command, "commands", None)
    if not children:
        return [(name, command)]
    return [leaf for key in sorted(children) for leaf in _leaves(children[key], f"{name} {key}")]


def _parameter(item: click.Parameter) -> tuple[object, ...]:
    names = ", ".join(item.opts) if item.param_type_name == "option" else (item.name or "").upper()
    default = (
        "" if item.default in (None, False, [], ()) or callable(item.default) else item.default
    )
    return f"`{names}`", getattr(item, "help", "") or "", f"`{default}`" if default != "" else ""


REFUSED = """\
In a terminal a wrong answer is asked for again. A wrong `--data question=answer` ends with exit code 1:
the reason is the **last** line, the Python call stack above it is Copier's own, and nothing was written.
Several choices are written as a list: `--data 'jurisdictions=[eu, uk]'`. `copier update` takes a changed
answer to every question but `package_name`.
"""


def questions() -> str:
    """Describe every question that a person is asked."""
    text = (ROOT / "copier.yml").read_text()
    asked: dict[str, Any] = {}
    for document in re.split(r"^---$", text, flags=re.M):
        asked |= yaml.safe_load(re.sub(r"^!include.*$", "", document, flags=re.M)) or {}
    rows = [
        (f"`{name}`", " ".join(str(item["help"]).split()), _choices(item))
        for name, item in asked.items()
        if isinstance(item, dict) and "help" in item and item.get("when") is not False
    ]
    return f"# Questions\n\n{REFUSED}\n" + table(("answer", "what it is", "choices"), rows)


def _choices(item: dict[str, Any]) -> str:
    choices = item.get("choices") or []
    values = choices.values() if isinstance(choices, dict) else choices
    return ", ".join(f"`{value}`" for value in values)


def ownership() -> str:
    """Describe who owns each path of a generated project."""
    rows = [
        (
            f"`{item['path']}`",
            item["class"],
            item["reviewers"],
            "later" if item.get("later") else "",
        )
        for item in read("ownership.yml")["paths"]
    ]
    intro = (
        "P: rendered on copy and every update, nobody edits it. T: given once, then the team's.\n\n"
    )
    return "# Who owns each path\n\n" + intro + table(("path", "class", "reviewers", ""), rows)


def floors() -> str:
    """Describe the floors of the gates; conf/gates.yml may only tighten them."""
    rows = [
        (f"`{gate}.{name}`", limit["direction"], *(limit["tiers"][tier] for tier in (1, 2, 3)),
         limit["meaning"])
        for gate, limits in read("platform/src/redoubt/policy/gates.yml")["numbers"].items()
        for name, limit in limits.items()
    ]  # fmt: skip
    head = ("limit", "direction", "tier 1", "tier 2", "tier 3", "meaning")
    return "# Floors of the gates\n\n" + table(head, rows)


def settings() -> str:
    """Describe every setting; each is read from an environment variable."""
    rows = [
        (f"`REDOUBT_{name.upper()}`", f"`{_default(field)}`", field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return "# Settings\n\n" + table(("variable", "default", "meaning"), rows)


def _default(field: Any) -> object:
    return "the current folder" if field.default_factory else field.get_default()


def modules() -> str:
    """Describe the Terraform modules: inputs, outputs, what they create."""
    return private_cloud.page(ROOT / "infra", table)


GENERATORS: dict[str, tuple[str, Callable[[], str]]] = {
    "controls.md": ("controls/*/control.yml", controls),
    "commands.md": ("redoubt.cli", commands),
    "questions.md": ("copier.yml", questions),
    "ownership.md": ("ownership.yml", ownership),
    "floors.md": ("redoubt/policy/gates.yml", floors),
    "settings.md": ("redoubt.settings", settings),
    "modules.md": ("infra", modules),
}


def main() -> int:
    """Write or check every page; the exit code of a check is 1 when one is behind."""
    behind = []
    for name, (source, generate) in GENERATORS.items():
        text = HEADER.format(source=source) + re.sub(r"\n{3,}", "\n\n", generate()).rstrip() + "\n"
        page = PAGES / name
        if page.exists() and page.read_text() == text:
            continue
        behind.append(name)
        if "--check" not in sys.argv:
            page.write_text(text)
    for path, right in skips.behind(
        ROOT / "infra", skips.read(ROOT / "infra" / "project" / skips.FILE)
    ):
        behind.append(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv:
            path.write_text(right)
    if behind and "--check" in sys.argv:
        print(f"behind their sources: {', '.join(behind)}; run `nox -s docs -- --write`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
