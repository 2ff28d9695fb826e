"""Requirement files: what is asked, what is pinned, and whether the two agree."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from redoubt.errors import BadInput, Refused
from redoubt.workshop import environments, pins

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "template" / "requirements"
COMPILED = [ROOT / "requirements" / f"{name}.txt" for name in ("boot", "dev", "source")] + [
    PROJECT / f"{name}.txt" for name in ("boot", *pins.PLATFORM)
]
# Its own environment, so it may pin other versions than the rest.
APART = ROOT / "requirements" / "scan.txt"
HASH = "sha256:" + "a" * 64
# Needed though nobody imports them: they are loaded by name, or by a package that forgot to say so.
BROUGHT = {"botocore"}  # part of boto3, of the same version
BY_NAME = {"httptools", "uvloop", "pyopenssl", "protobuf", "onnxruntime", "picklescan", "pandera"}
MODULES = {"pyjwt": "jwt", "pyyaml": "yaml", "scikit-learn": "sklearn", "protobuf": "google",
           "prometheus-client": "prometheus_client", "pydantic-settings": "pydantic_settings",
           "model-signing": "model_signing"}  # fmt: skip


@pytest.mark.parametrize(
    "pinned", [*COMPILED, APART], ids=lambda path: f"{path.parent.parent.name}-{path.stem}"
)
def test_a_pinned_file_is_current_hashed_and_names_no_address(pinned: Path) -> None:
    assert pins.current(pinned.with_suffix(".in"), pinned), "run `nox -s pin`"
    text = pinned.read_text()
    assert "://" not in text
    assert all("--hash=sha256:" in block for block in pins.blocks(text).values())


def test_a_changed_wish_makes_the_pinned_file_stale(tmp_path: Path) -> None:
    source, target = tmp_path / "a.in", tmp_path / "a.txt"
    (tmp_path / "b.in").write_text("two\n")
    source.write_text("-r b.in\none  # why\n")
    pins.write(source, target, f"one==1 \\\n    --hash={HASH}\n", "x")
    assert pins.current(source, target)
    source.write_text("one\n-r b.in\n")
    assert pins.current(source, target), "order and comments do not count"
    (tmp_path / "b.in").write_text("two>=2\n")
    assert not pins.current(source, target)


@pytest.mark.parametrize("text", ["one==1\n", f"one==1 \\\n    --hash={HASH}\n# at https://x\n"])
def test_a_pin_without_a_hash_or_with_an_address_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.in").write_text("one\n")
    with pytest.raises(Refused, match="without a hash"):
        pins.write(tmp_path / "a.in", tmp_path / "a.txt", text, "x")
    assert not (tmp_path / "a.txt").exists()


def test_an_included_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.in").write_text("-r gone.in\n")
    with pytest.raises(BadInput, match=r"gone\.in does not exist"):
        pins.inputs(tmp_path / "a.in")


def test_every_file_pins_the_same_version_of_a_package() -> None:
    seen = {path: pins.versions(path) for path in COMPILED}
    everything = seen[ROOT / "requirements" / "dev.txt"]
    del seen[ROOT / "requirements" / "source.txt"]  # installed after it, and nowhere else
    for path, found in seen.items():
        assert found <= everything, f"{path} differs from requirements/dev.txt"


def test_the_serving_environment_has_no_training_library() -> None:
    names = {name for name, _ in pins.versions(PROJECT / "serve.txt")}
    names |= {name for name, _ in pins.versions(PROJECT / "build.txt")}
    assert not names & {"mlflow", "mlflow-skinny", "scikit-learn", "pandas", "scipy", "onnx"}


def test_known_incompatibilities_are_pinned_away() -> None:
    assert {
        v.split(".")[0] for n, v in pins.versions(PROJECT / "train.txt") if n == "protobuf"
    } == {"6"}
    assert "pyopenssl" in {name for name, _ in pins.versions(PROJECT / "serve.txt")}


def test_recorded_sizes_speak_of_the_pins_in_force() -> None:
    sys.path.insert(0, str(ROOT / "requirements"))
    try:
        import measure
    finally:
        sys.path.remove(str(ROOT / "requirements"))
    record = json.loads((PROJECT / "sizes.json").read_text())
    assert record["pins"] == measure.digest(), "run `nox -s pin`"
    sizes = environments.sizes(ROOT / "template")
    assert set(sizes) == set(environments.PROJECT)
    assert all(size.disk_mb > size.download_mb > 10 for size in sizes.values())


def imported(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield node.module.partition(".")[0]


def asked(*names: str) -> set[str]:
    lines = [line for name in names for line in pins.asked(PROJECT / f"{name}.in")]
    return {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in lines}


def test_what_the_package_imports_is_asked_for_by_name() -> None:
    modules = {
        MODULES.get(name, name.replace("-", "_"))
        for name in asked("train", "serve", "infra", "dev")
    }
    own = {"redoubt", "platform", "conftest"} | set(sys.stdlib_module_names) | BROUGHT
    needed = set(imported(ROOT / "platform" / "src")) - own
    assert needed <= modules, f"add to template/requirements: {sorted(needed - modules)}"


def test_nothing_is_asked_for_that_nothing_uses() -> None:
    used = set(imported(ROOT / "platform" / "src"))
    idle = {
        n
        for n in asked("train", "serve", "infra")
        if MODULES.get(n, n.replace("-", "_")) not in used
    }
    assert idle <= BY_NAME, f"drop from template/requirements: {sorted(idle - BY_NAME)}"


def test_the_workshop_runs_before_anything_is_installed() -> None:
    """The standard library and the platform's own folder are enough for these four."""
    code = "import redoubt.workshop.doctor, redoubt.workshop.lock, redoubt.workshop.environments"
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {code}",
         str(ROOT / "platform" / "src")], check=True,
    )  # fmt: skip
