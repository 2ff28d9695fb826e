"""What pip is told about indexes, proxies and CAs holds for uv too."""

from __future__ import annotations

from pathlib import Path

import pytest

from redoubt.errors import BadInput
from redoubt.workshop import indexes

INDEX, EXTRA = "https://index.example.invalid/simple", "https://more.example.invalid/simple"


@pytest.fixture
def person(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_CONFIG_DIRS": ""}


def told(person: dict[str, str], **more: str) -> dict[str, str]:
    return indexes.uv_environment(person | more)


def test_variables_of_pip_are_said_to_uv(person: dict[str, str]) -> None:
    uv = told(person, PIP_INDEX_URL=INDEX, PIP_CERT="/ca.pem", PIP_PROXY="http://proxy.invalid:1")
    assert uv["UV_DEFAULT_INDEX"] == INDEX
    assert uv["SSL_CERT_FILE"] == "/ca.pem"
    assert uv["HTTPS_PROXY"] == "http://proxy.invalid:1"
    assert uv["UV_PYTHON_DOWNLOADS"] == "never"


def test_a_configuration_file_counts_and_a_variable_overrides_it(person: dict[str, str]) -> None:
    folder = Path(person["XDG_CONFIG_HOME"]) / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        f"[global]\nindex-url = {INDEX}\nextra-index-url =\n  {EXTRA}\n"
    )
    assert told(person)["UV_DEFAULT_INDEX"] == INDEX
    assert told(person)["UV_INDEX"] == EXTRA
    assert told(person, PIP_INDEX_URL=EXTRA)["UV_DEFAULT_INDEX"] == EXTRA


def test_several_indexes_are_searched_as_pip_searches_them(person: dict[str, str]) -> None:
    assert told(person, PIP_EXTRA_INDEX_URL=EXTRA)["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert "UV_INDEX_STRATEGY" not in told(person, PIP_INDEX_URL=INDEX)


def test_what_uv_is_told_itself_wins(person: dict[str, str]) -> None:
    uv = told(
        person, UV_DEFAULT_INDEX=EXTRA, PIP_INDEX_URL=INDEX, SSL_CERT_FILE="/a", PIP_CERT="/b"
    )
    assert uv["UV_DEFAULT_INDEX"] == EXTRA
    assert uv["SSL_CERT_FILE"] == "/a"


def test_without_any_setting_no_index_is_named(person: dict[str, str]) -> None:
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"} & told(person).keys()


def test_a_broken_configuration_file_is_left_to_pip(person: dict[str, str]) -> None:
    folder = Path(person["XDG_CONFIG_HOME"]) / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_bytes(b"index-url = nowhere\n\xff")
    assert "UV_DEFAULT_INDEX" not in told(person)


def test_a_folder_of_wheels_replaces_every_index(person: dict[str, str], tmp_path: Path) -> None:
    uv = indexes.uv_environment(person | {"PIP_INDEX_URL": INDEX}, str(tmp_path))
    assert uv["UV_OFFLINE"] == "1"
    assert uv["UV_FIND_LINKS"] == str(tmp_path)
    assert "UV_DEFAULT_INDEX" not in uv
    assert indexes.flags(str(tmp_path)) == ["--no-index"]
    assert indexes.flags("") == []


def test_a_folder_of_wheels_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"REDOUBT_WHEELS=.*absent is not a folder"):
        indexes.flags(str(tmp_path / "absent"))


def test_every_command_runs_on_one_thread_and_unpickles_nothing() -> None:
    assert indexes.defaults({})["OMP_NUM_THREADS"] == "1"
    assert indexes.defaults({"OMP_NUM_THREADS": "4"})["OMP_NUM_THREADS"] == "4"
    fixed = indexes.defaults({"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true"})
    assert fixed["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
