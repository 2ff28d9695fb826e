"""The decision log under a real service, and through the commands that a person types."""

import csv
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from redoubt.cli import app as cli
from redoubt.errors import RedoubtError
from redoubt.release import issuer
from redoubt.serving import handle, journal
from redoubt.serving.decision_log import DecisionLog, places
from redoubt.settings import Settings

CLIENTS = 16


def rows(people):
    names = list(people[0])
    return [",".join(names)] + [
        ",".join("" if row[name] is None else str(row[name]) for name in names) for row in people
    ]


@pytest.fixture
def bank(released_copy, monkeypatch):
    """Return the settings of a released project, and act in its folder as ``loan-app``."""
    settings = Settings(root=released_copy)
    monkeypatch.chdir(released_copy)
    monkeypatch.setenv("REDOUBT_TOKEN", issuer.mint(settings, "loan-app"))
    return settings


def run(*words):
    """Run a command; return (exit code or error, output)."""
    done = CliRunner().invoke(cli, list(words))
    if isinstance(done.exception, RedoubtError):
        return done.exception, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture
def scored(bank, applicants):
    source = bank.root / "in.csv"
    source.write_text("\n".join(rows(applicants(300))) + "\nnan,1,1,1,1,1,1,1,castle\n")
    code, output = run("score", "in.csv")
    assert code == 0, output
    return bank


def test_score_writes_a_row_for_each_row_and_logs_who_asked(scored):
    with (scored.root / "in.scored.csv").open(newline="") as stream:
        found = list(csv.DictReader(stream))
    assert len(found) == 301
    assert found[-1]["error"].startswith("does not fit: annual_income")
    lines = [line for _, _, line in journal.walk(scored.state / "decisions-batch")]
    assert {line["caller"] for line in lines} == {"loan-app"}
    assert [line["request"] for line in lines[1:-1]] == [row["decision_id"] for row in found[:-1]]


def test_score_needs_somebody_who_may_and_a_promoted_model(bank, monkeypatch):
    (bank.root / "in.csv").write_text("x\n1\n")
    monkeypatch.setenv("REDOUBT_TOKEN", issuer.mint(bank, "ada"))
    error, _ = run("score", "in.csv")
    assert error.exit_code == 1
    assert "ada" in error.message
    monkeypatch.delenv("REDOUBT_TOKEN")
    error, _ = run("score", "in.csv")
    assert error.exit_code == 3


def test_a_replay_of_the_batch_comes_out_and_an_edit_is_pointed_at(scored):
    code, output = run("log", "replay", "50", "--log", "decisions-batch")
    assert code == 0
    assert "50 decisions came out as recorded" in output
    code, output = run("log", "verify")
    assert code == 0
    assert "decisions-batch: 302 decisions in 1 segments hold" in output
    (path,) = journal.segments(scored.state / "decisions-batch")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[41] = lines[41].replace(b'"caller":"loan-app"', b'"caller":"loan-apq"')
    path.write_bytes(b"".join(lines))
    for words in (("log", "verify"), ("log", "replay", "5", "--log", "decisions-batch")):
        error, output = run(*words)
        assert error.exit_code == 1
        assert "breaks at line 41" in error.message
    assert "BROKEN" in run("log", "verify")[1]


def test_a_log_whose_folder_is_gone_is_reported_by_its_checkpoint(scored):
    os.rename(scored.state / "decisions-batch", scored.state / "elsewhere")
    error, _ = run("log", "verify")
    assert error.exit_code == 1
    assert "breaks at line 0" in error.message


def test_without_any_log_the_commands_say_so(bank):
    for words in (("log", "verify"), ("log", "replay", "1")):
        error, _ = run(*words)
        assert error.exit_code == 3


def ask(settings, url, inputs, acknowledged):
    """Ask for decisions until the service is gone, noting each that was answered."""
    token = issuer.mint(settings, "loan-app")
    ca, log = handle.tls.authority(settings), settings.root / "service.log"
    client = handle.Service(url, ca, lambda *_: token, settings.root, log)
    try:
        while True:
            answer = client.post(inputs, token=token)
            if answer.status == 200:
                acknowledged.append(answer.json()["decision_id"])
    except OSError:
        return
    finally:
        client.close()


@pytest.mark.slow
def test_kill_9_under_load_loses_no_acknowledged_decision(bank, applicants):
    inputs = applicants(1)[0]
    acknowledged = []
    for _ in range(2):
        token = partial(issuer.mint, bank)
        with handle.running(bank, token) as service:
            pid = listening(service)
            threads = [
                threading.Thread(target=ask, args=(bank, service.url, inputs, acknowledged))
                for _ in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            before = len(acknowledged)
            while len(acknowledged) < before + 50:
                time.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            for thread in threads:
                thread.join()
    DecisionLog.of(bank).close()
    folder = places(bank, "decisions")[0]
    kept = {line["request"] for _, _, line in journal.walk(folder)}
    assert len(acknowledged) >= 100
    assert not set(acknowledged) - kept
    assert run("log", "verify")[0] == 0


def listening(service):
    """Return the process id of the service, by the child of this process that holds its port."""
    port = int(service.url.rpartition(":")[2])
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            return _holder(fields[9])
    raise AssertionError("the service does not listen")


def _holder(inode):
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                links = [
                    os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")
                ]
            except OSError:
                continue
            if f"socket:[{inode}]" in links:
                return int(pid)
    raise AssertionError("nobody holds the socket")
