"""The pages: generated ones are current, links lead somewhere, and the README stays short."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")


def pages(repository: Path) -> list[Path]:
    return [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]


def test_generated_pages_say_what_their_sources_say(repository: Path, run) -> None:
    source = {"PYTHONPATH": str(repository / "platform" / "src")}
    done = run(
        sys.executable, repository / "docs" / "generate.py", "--check",
        cwd=repository, check=False, env=os.environ | source,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_relative_link_leads_to_a_file(repository: Path) -> None:
    broken = [
        f"{page.relative_to(repository)}: {target}"
        for page in pages(repository)
        for target in LINK.findall(page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_has_at_most_120_lines(repository: Path) -> None:
    assert len((repository / "README.md").read_text().splitlines()) <= 120


@pytest.mark.parametrize("word", ["compliant", "TODO", "FIXME"])
def test_no_page_uses_a_word_that_we_do_not_say(repository: Path, word: str) -> None:
    found = [
        str(page.relative_to(repository))
        for page in pages(repository)
        if re.search(rf"\b{word}\b", page.read_text())
    ]
    assert found == []


def test_decisions_are_dated_and_have_every_part(repository: Path) -> None:
    for page in (repository / "docs" / "explanations" / "decisions").glob("*.md"):
        text = page.read_text()
        assert re.fullmatch(r"20\d{6}-[a-z0-9-]+\.md", page.name)
        assert len(text.splitlines()) <= 40, page.name
        for part in ("## Context", "## Decision", "## Consequences"):
            assert part in text, f"{page.name} has no {part}"
