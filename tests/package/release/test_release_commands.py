"""The command line of keys, identity and release: what it prints and which exit code it gives."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from redoubt import cli, digests
from redoubt.errors import BadInput, Refused, Unavailable
from redoubt.identity import Verifier
from redoubt.proof import register
from redoubt.records import Decision
from redoubt.release import issuer, issuer_server, promote
from redoubt.release.registry import Registry
from redoubt.settings import Settings

Command = Callable[..., SimpleNamespace]
CONTROL = {
    "id": "GATE-02", "title": "A room", "state": "active", "objective": "The model is good.",
    "tiers": {1: "blocking", 2: "report", 3: "off"}, "threats": [], "references": {},
    "limits": "It is tiny.", "remedy": "Train a better one.",
    "requirements": [{
        "id": "GATE-02.1", "claim": "The model is good.", "subject": "model",
        "breaks": [{"name": "it breaks", "quiet": True, "kind": "append", "path": "a", "text": "b"}],
    }],
}  # fmt: skip
VERIFY = """\
from redoubt.proof import proves


@proves("GATE-02.1")
def test_it(registered):
    assert registered.digest {how} {digest!r}, f"it is {{registered.digest}}"
"""


@pytest.fixture
def catalogue(repository: Path) -> Callable[..., None]:
    """Return ``catalogue(office, how="==")``: give its project one room, about its model."""

    def write(bank, how="=="):
        controls, room = bank.settings.root / "controls", "GATE-02-a-room"
        for folder in ("facts", room):
            (controls / folder).mkdir(parents=True, exist_ok=True)
        for name in ("conftest.py", "families.yml", "frameworks.yml", "facts/registered.py"):
            shutil.copy2(repository / "controls" / name, controls / name)
        (controls / room / "control.yml").write_text(yaml.safe_dump(CONTROL, sort_keys=False))
        (controls / room / "verify.py").write_text(VERIFY.format(how=how, digest=bank.digest))
        (bank.settings.root / "src" / bank.project.package).mkdir(parents=True, exist_ok=True)
        register.write(bank.settings.root)
        (controls / "lock.json").write_text('{"files": {}, "closed": [], "open": []}')

    return write


@pytest.fixture
def redoubt(monkeypatch, capsys) -> Command:
    """Return ``redoubt(office, *words, by="mira")``: run a command; code and both outputs."""

    def run(bank, *words, by="mira"):
        monkeypatch.chdir(bank.settings.root)
        monkeypatch.setattr("sys.argv", ["redoubt", *words])
        if by:
            monkeypatch.setenv("REDOUBT_TOKEN", issuer.mint(bank.settings, by))
        else:
            monkeypatch.delenv("REDOUBT_TOKEN", raising=False)
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run


def test_the_path_on_the_command_line(office, redoubt, catalogue):
    bank = office("candidate")
    catalogue(bank)
    done = redoubt(bank, "register")
    assert (done.code, "version 1" in done.out, "Build L1" in done.out) == (0, True, True)
    bank.judge("performance", "parity-onnx")
    done = redoubt(bank, "approve", "--comment", "read the report", by="ada")
    assert (done.code, "ada approved" in done.out) == (0, True)
    done = redoubt(bank, "promote")
    assert done.code == 1
    assert "denied" in done.out
    assert (
        """
  gate:parity-service: Gate parity-service has no result.
    remedy: run `redoubt judge --gate parity-service`
"""
        in done.out
    )
    bank.judge("parity-service")
    done = redoubt(bank, "promote", bank.digest[7:19])
    assert (done.code, "granted" in done.out) == (0, True)
    assert "serves the model that it loaded until it is restarted" in done.out
    assert "GATE-02  1/1 tests" in done.err
    done = redoubt(bank, "status", by=None)
    assert done.code == 0, done.out
    assert "alias:" in done.out


def test_promote_tells_which_room_denies_and_what_would_do(office, redoubt, catalogue):
    bank = office("ready")
    catalogue(bank, how="!=")
    done = redoubt(bank, "promote")
    assert (done.code, "denied" in done.out) == (1, True)
    assert (
        f"""
  control:GATE-02.1: fail: it is {bank.digest}
    claim:  The model is good.
    remedy: Train a better one.
"""
        in done.out
    )
    (denial,) = bank.ledger.newest(Decision).reasons
    assert denial == f"control:GATE-02.1: fail: it is {bank.digest}"
    assert redoubt(bank, "status", by=None).out.startswith("promoted: nothing yet")


def test_a_check_that_could_not_run_has_a_remedy_of_its_own(office, redoubt, catalogue):
    bank = office("ready")
    catalogue(bank, how="/ 0 ==")
    done = redoubt(bank, "promote")
    assert "control:GATE-02.1: fail: could not be judged" in done.out
    assert "redoubt doctor" in done.out
    assert "Train a better one." not in done.out


def test_promoting_twice_names_the_decision_that_stands_and_mends_the_alias(
    office, redoubt, catalogue
):
    bank = office("promoted")
    catalogue(bank, how="!=")  # the room would say no
    stands = digests.short(bank.ledger.newest(Decision).digest)
    before = bank.ledger.entries()
    done = redoubt(bank, "promote")
    assert (done.code, f"is already promoted: decision {stands}" in done.out) == (0, True)
    assert ("mended" in done.out, "GATE-02" in done.err) == (False, False)
    Registry(bank.settings, bank.project).clear_champion()
    done = redoubt(bank, "promote")
    assert (done.code, "mended: the registry's alias names nothing" in done.out) == (0, True)
    assert Registry(bank.settings, bank.project).champion() == bank.digest
    assert bank.ledger.entries() == before


def test_promote_without_a_catalogue_denies(office, redoubt):
    done = redoubt(office("ready"), "promote")
    assert (done.code, "controls: No room speaks of a model." in done.out) == (1, True)


def test_promote_tells_when_the_alias_did_not_follow(office, redoubt, catalogue, monkeypatch):
    bank = office("ready")
    catalogue(bank)
    monkeypatch.setattr(promote, "follow", lambda *_: None)
    done = redoubt(bank, "promote")
    assert (done.code, "granted" in done.out, "PROBLEM" in done.out) == (1, True, True)


@pytest.mark.parametrize(
    ("words", "by", "code", "why"),
    [
        (["register", "ffff"], "mira", 2, "fits 0 of 1 models"),
        (["register"], None, 3, "Nobody is signed in"),
        (["register"], "ada", 1, "may not register"),
        (["approve"], "ada", 2, "without words"),
        (["approve", "--comment", "x"], "mira", 1, "may not approve"),
        (["approve", "--comment", "x"], "ada", 1, "has no result"),
        (["rollback", "--reason", "x"], "mira", 1, "No model was promoted before"),
        (["rollback"], "mira", 2, "without a reason"),
        (["login", "nobody"], None, 2, "knows no 'nobody'"),
        (["login", "ada"], None, 3, "never started"),
    ],
)
def test_a_refusal_says_why_and_has_its_exit_code(office, redoubt, words, by, code, why):
    done = redoubt(office("registered"), *words, by=by)
    assert done.code == code, done.err
    assert why in done.err
    assert "remedy:" in done.err


def test_status_tells_of_an_alias_moved_by_hand_and_repairs_it(office, redoubt):
    bank = office("promoted")
    Registry(bank.settings, bank.project).clear_champion()
    done = redoubt(bank, "status", by=None)
    assert done.code == 1
    assert "PROBLEM" in done.out
    assert redoubt(bank, "status", "--repair", by=None).code == 0


def test_status_without_a_promotion_is_no_problem(office, redoubt):
    done = redoubt(office("registered"), "status", by=None)
    assert (done.code, "nothing yet" in done.out) == (0, True)


def test_keys_are_made_once(office, redoubt):
    bank = office("candidate")
    before = bank.settings.anchors.read_text()
    done = redoubt(bank, "keys", by=None)
    assert done.code == 0
    assert "anchors.json" in done.out
    assert bank.settings.anchors.read_text() == before


@pytest.fixture
def running(tmp_path):
    """Give settings whose development issuer runs for the length of the test."""
    settings = Settings(root=tmp_path)
    with issuer_server.Server(settings) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield settings
        server.shutdown()
        thread.join()


def test_a_login_keeps_a_token_that_verifies(running):
    assert issuer_server.login(running, "ada").roles == {"approver", "validator"}
    token = (running.state / "issuer" / "token").read_text()
    assert Verifier.from_settings(running).verify(token).subject == "ada"


def test_the_issuer_gives_no_token_without_this_machines_secret(running):
    (running.state / "issuer" / "secret").write_text("wrong")
    with pytest.raises(Refused, match="401"):
        issuer_server.request_token(running, "ada")
    with pytest.raises(BadInput, match="knows no"):
        issuer_server.request_token(running, "nobody")


def test_a_port_in_use_is_told(running, tmp_path):
    url = json.loads(issuer_server.address_file(running).read_text())["url"]
    with pytest.raises(Unavailable, match="cannot be used"):
        issuer_server.Server(Settings(root=tmp_path / "other"), int(url.rpartition(":")[2]))


def test_an_issuer_that_stopped_is_told(tmp_path):
    settings = Settings(root=tmp_path)
    issuer_server.Server(settings).server_close()
    with pytest.raises(Unavailable, match="does not answer"):
        issuer_server.request_token(settings, "ada")
