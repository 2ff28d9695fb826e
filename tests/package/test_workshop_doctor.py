"""The doctor names each missing thing with its remedy, and leaks no password."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest

from redoubt.workshop import doctor, environments


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project.yml").write_text('python: "3.11"\n')
    (tmp_path / "requirements").mkdir()
    return tmp_path


def findings(check: object, root: Path, **environ: str) -> list[doctor.Finding]:
    return list(check(root, dict(os.environ) | environ))  # type: ignore[operator]


def test_a_folder_that_is_no_project_is_missing_something(tmp_path: Path) -> None:
    (found,) = findings(doctor._project, tmp_path)
    assert found.state == "missing"
    assert "project's own folder" in found.remedy


def test_a_port_in_use_is_noted_with_another_way(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        (found,) = findings(doctor._ports, project, REDOUBT_PORT=port)
    assert found.state == "note"
    assert port in found.detail
    assert "REDOUBT_PORT" in found.remedy
    (found,) = findings(doctor._ports, project, REDOUBT_PORT=port)
    assert found.state == "ok"


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_port_that_is_none_is_quoted(project: Path, port: str) -> None:
    (found,) = findings(doctor._ports, project, REDOUBT_PORT=port)
    assert (found.state, port in found.detail) == ("missing", True)


def test_a_ca_file_that_does_not_exist_is_missing(project: Path) -> None:
    (found,) = findings(doctor._authority, project, SSL_CERT_FILE="/nowhere/ca.pem")
    assert (found.state, "/nowhere/ca.pem" in found.detail) == ("missing", True)


def test_a_proxy_is_shown_without_its_password(project: Path) -> None:
    (found,) = findings(doctor._proxy, project, HTTPS_PROXY="http://me:hunter2@proxy.invalid:80",
                        NO_PROXY="", no_proxy="")  # fmt: skip
    assert "hunter2" not in found.detail
    assert "NO_PROXY" in found.remedy
    (found,) = findings(doctor._proxy, project, HTTPS_PROXY="http://p.invalid", NO_PROXY="127.0.0.1",
                        no_proxy="127.0.0.1")  # fmt: skip
    assert found.state == "ok"


def test_an_index_that_does_not_answer_is_missing_and_shows_no_password(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    index = "http://me:hunter2@127.0.0.1:9/simple"
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP", "UV"))
    }
    (found,) = doctor._index(project, environ | {"UV_DEFAULT_INDEX": index, "UV_HTTP_RETRIES": "0"})
    assert found.state == "missing"
    assert "hunter2" not in found.detail
    assert "PIP_INDEX_URL" in found.remedy


def test_an_empty_folder_of_wheels_is_missing_its_wheels(project: Path) -> None:
    (found,) = findings(doctor._index, project, REDOUBT_WHEELS=str(project))
    assert (found.state, "holds no wheels" in found.detail) == ("missing", True)


def test_a_full_disk_is_missing_room(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = environments.Size(packages=1, download_mb=1, disk_mb=10**9)
    monkeypatch.setattr(environments, "sizes", lambda _: {"work": size})
    (found,) = findings(doctor._disk, project)
    assert (found.state, "free space" in found.remedy) == ("missing", True)


def test_something_missing_gives_exit_code_3_and_nothing_missing_gives_0(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [doctor.Finding("a", "ok", "x"), doctor.Finding("b", "note", "y", "do z")]
    monkeypatch.setattr(doctor, "examine", lambda _: iter(lines))
    assert doctor.report(project, io.StringIO()) == 0
    lines.append(doctor.Finding("c", "missing", "gone", "fetch it"))
    out = io.StringIO()
    assert doctor.report(project, out) == 3
    assert "fetch it" in out.getvalue()
