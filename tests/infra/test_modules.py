"""Every module by itself: formatted, valid, and its own tests green against a mock provider."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from redoubt.infra import terraform
from redoubt.infra.terraform import Terraform

INFRA = Path(__file__).resolve().parents[2] / "infra"
NAMES = sorted(path.name for path in (INFRA / "modules").iterdir() if path.is_dir())
FORBIDDEN = re.compile(
    r'^\s*(data\s+"aws_|provider\s+"|resource\s+"aws_(nat|internet|egress_only)\w*gateway")', re.M
)


def test_everything_is_formatted(environment: dict[str, str]) -> None:
    done = Terraform(INFRA, environment).done("fmt", "-check", "-recursive", "-diff")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_valid_and_passes_its_own_tests(
    module: Callable[[str], Terraform], name: str
) -> None:
    tool = module(name)
    tool.run("validate", "-no-color")
    done = tool.done("test", "-no-color")
    assert done.returncode == 0, terraform.problem(done)
    passed = re.search(r"Success! (\d+) passed, 0 failed", done.stdout)
    assert passed, done.stdout
    assert int(passed[1]) >= 2, (
        f"modules/{name}/tests: write a run of what it makes and one of what it refuses"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_module_asks_aws_nothing_and_makes_no_way_out(name: str) -> None:
    for path in (INFRA / "modules" / name).glob("*.tf"):
        assert not FORBIDDEN.search(path.read_text()), path


@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_a_case_that_is_refused(name: str) -> None:
    texts = [path.read_text() for path in (INFRA / "modules" / name / "tests").glob("*.hcl")]
    assert any("expect_failures" in text for text in texts), (
        f"modules/{name}/tests/{name}.tftest.hcl: add a run with expect_failures"
    )


@pytest.mark.parametrize("name", NAMES)
def test_inputs_and_outputs_say_what_they_are(name: str) -> None:
    for path in (INFRA / "modules" / name).glob("*.tf"):
        for kind, block, body in re.findall(
            r'^(variable|output) "(\w+)" \{\n(.*?)^\}', path.read_text(), re.M | re.S
        ):
            assert re.search(r'^  description\s+= ("|<<-EOT$)', body, re.M), (
                f"{path.name}: {kind} {block}"
            )
