"""``redoubt judge``: what a person sees, and exit codes that mean something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redoubt import cli, limits
from redoubt.gates import candidate, commands
from redoubt.ledger import Ledger
from redoubt.records import GateResult
from redoubt.release import issuer
from redoubt.settings import Settings

Judge = Callable[..., tuple[int, str, str]]


@pytest.fixture
def judge(
    released_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Judge:
    """Return ``judge(*words)``: exit code, output and messages of the command, as mira."""
    settings = Settings(root=released_copy)
    monkeypatch.setenv("REDOUBT_ROOT", str(released_copy))
    monkeypatch.setenv("REDOUBT_TOKEN", issuer.mint(settings, "mira"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["redoubt", "judge", *words])
        code: int | str | None = 0
        try:
            cli.main()
        except SystemExit as left:
            code = left.code
        shown = capsys.readouterr()
        return int(code or 0), shown.out, shown.err

    return run


def widened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small golden set of this model be large enough."""
    monkeypatch.setattr(limits, "holds", lambda limit, metric: True)


def test_a_denied_model_gives_exit_code_1_and_the_reason(judge: Judge, released_copy: Path) -> None:
    code, out, err = judge("--gate", "parity-onnx")
    assert code == 1
    assert "parity-onnx: FAIL" in out
    assert "because: golden_rows: lower bound 20 is below 64" in out
    assert "judging by parity-onnx" in err
    assert Ledger(Settings(root=released_copy)).newest(GateResult).outcome == "fail"  # type: ignore[union-attr]


def test_a_model_that_passes_gives_exit_code_0(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    widened(monkeypatch)
    code, out, _ = judge("--gate", "parity-onnx")
    assert (code, "parity-onnx: PASS" in out) == (0, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--gate", "beauty"), 2, "No gate 'beauty'"),
        (("ffff0000",), 2, "'ffff0000'"),
        (("--url", "http://127.0.0.1:1", "--token-file", "absent"), 2, "absent cannot be read"),
    ],
)
def test_bad_input_gives_exit_code_2_and_the_bad_value(
    judge: Judge, words: tuple[str, ...], code: int, said: str
) -> None:
    found, _, err = judge(*words)
    assert found == code
    assert said in err
    assert "remedy:" in err


def test_an_override_that_is_looser_is_refused_before_anything_runs(
    judge: Judge, released_copy: Path
) -> None:
    (released_copy / "conf").mkdir()
    (released_copy / "conf" / "gates.yml").write_text("numbers: {parity-onnx: {golden_rows: 1}}")
    before = len(Ledger(Settings(root=released_copy)).entries())
    code, _, err = judge("--gate", "parity-onnx")
    assert (code, "golden_rows=1 is looser" in err, "at least 64" in err) == (2, True, True)
    assert len(Ledger(Settings(root=released_copy)).entries()) == before


def test_a_tighter_override_is_marked(judge: Judge, released_copy: Path) -> None:
    (released_copy / "conf").mkdir()
    (released_copy / "conf" / "gates.yml").write_text("numbers: {parity-onnx: {golden_rows: 90}}")
    assert ">= 90*" in judge("--gate", "parity-onnx")[1]


def test_a_changed_byte_in_the_bundle_is_refused(judge: Judge, released_copy: Path) -> None:
    settings = Settings(root=released_copy)
    (path,) = (settings.state / "bundles").glob("*/model.onnx")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    code, _, err = judge("--gate", "parity-onnx")
    assert (code, "model.onnx does not match" in err) == (1, True)


def test_a_missing_dataset_is_the_gates_error_and_denies(judge: Judge) -> None:
    code, out, _ = judge("--gate", "performance")
    assert (code, "performance: ERROR" in out) == (1, True)


def test_a_candidate_is_found_where_nothing_is_registered(released_copy: Path) -> None:
    settings = Settings(root=released_copy)
    (folder,) = (path for path in (settings.state / "bundles").iterdir() if path.is_dir())
    (settings.state / "candidates").mkdir(exist_ok=True)
    folder.rename(settings.state / "candidates" / folder.name)
    digest = commands._model(settings, folder.name[:8])
    assert candidate.find(settings, digest).digest == digest
