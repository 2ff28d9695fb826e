"""Sources: what the allow-list accepts, and what each refusal says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from redoubt import cli, project, signing
from redoubt.data import sources, synthesize
from redoubt.errors import BadInput, Refused
from redoubt.settings import Settings


def conf(desk: Any, text: str) -> None:
    path = desk.settings.root / "conf" / "sources.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def elsewhere(desk: Any) -> Settings:
    return Settings(root=desk.settings.root, environment="production")


def test_without_a_file_of_its_own_a_project_has_the_platforms_source_only(desk) -> None:
    assert set(sources.load(desk.settings)) == {"synthetic"}


def test_an_empty_or_commented_file_lists_nothing_more(desk) -> None:
    conf(desk, "# nothing yet\n")
    assert set(sources.load(desk.settings)) == {"synthetic"}


def test_synthetic_data_are_no_source_and_are_not_written_outside_development(desk) -> None:
    assert sources.load(elsewhere(desk)) == {}
    with pytest.raises(Refused, match="production"):
        synthesize.write(elsewhere(desk), project.load(desk.settings.root))


def test_a_project_can_switch_the_platforms_source_off(desk) -> None:
    conf(desk, "disabled: [synthetic]")
    assert desk.outcome(desk.file).code == 1


def test_a_project_cannot_redefine_the_platforms_source(desk) -> None:
    conf(desk, "sources: {synthetic: {meaning: Mine, location: mine/*.csv, key: anchors}}")
    with pytest.raises(Refused, match=r"'synthetic', which is the platform's \(location \{state\}"):
        sources.load(desk.settings)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{meaning: M, location: '*.csv', key: anchors}", "one folder"),
        ("{meaning: M, location: '/data/*/x.csv', key: anchors}", "one folder"),
        ("{meaning: M, location: data/}", "one folder"),
        ("{meaning: M, location: data/x.csv, key: secret}", "public key in PEM"),
        ("{meaning: M, location: data/x.csv}", "public key or the digests"),
        ("{meaning: '', location: data/x.csv, key: anchors}", "meaning"),
        ("{meaning: M, location: data/x.csv, key: anchors, trust: everybody}", "trust"),
        ("{meaning: M, location: data/x.csv, key: anchors, environments: [laptop]}", "laptop"),
        ("{meanin: M, location: data/x.csv, key: anchors}", "meanin='M'"),
        (f"{{meaning: M, location: data/x.csv, digests: [{'a' * 64}]}}", "write sha256: before"),
    ],
)
def test_a_bad_entry_is_refused_with_its_place_named(desk, entry: str, words: str) -> None:
    conf(desk, f"sources: {{mine: {entry}}}")
    with pytest.raises(BadInput, match=words) as refused:
        sources.load(desk.settings)
    assert "sources.mine" in refused.value.message


@pytest.mark.parametrize("text", ["sources: [", "- a", "sources: {a: 1}"])
def test_a_list_that_is_no_list_is_bad_input(desk, text: str) -> None:
    conf(desk, text)
    with pytest.raises(BadInput, match=r"conf/sources\.yml"):
        sources.load(desk.settings)


def test_a_file_without_receipt_is_refused(desk) -> None:
    sources.receipt_path(desk.file).unlink()
    assert "no readable receipt" in desk.outcome(desk.file).words


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"payload": 1}', "not json"])
def test_a_receipt_that_is_none_is_refused(desk, text: str) -> None:
    sources.receipt_path(desk.file).write_text(text)
    assert desk.outcome(desk.file).code == 1


def test_a_receipt_signed_by_a_key_of_another_purpose_is_refused(desk) -> None:
    path = desk.publish(desk.lines, key=desk.settings.keys / "bundle.pem")
    assert "does not verify" in desk.outcome(path).words


def test_another_record_signed_by_the_right_key_is_no_receipt(desk) -> None:
    signer = desk.settings.signer("source")
    envelope = signer.sign(b'{"kind":"redoubt/other/1"}', sources.RECEIPT_TYPE)
    sources.receipt_path(desk.file).write_text(json.dumps(envelope))
    assert "is no receipt" in desk.outcome(desk.file).words
    plain = signer.sign(b"{}")
    sources.receipt_path(desk.file).write_text(json.dumps(plain))
    assert "payload type" in desk.outcome(desk.file).words


def test_a_link_does_not_carry_a_file_into_the_folder_of_a_source(desk, tmp_path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(desk.file.read_bytes())
    link = desk.file.with_name("link.csv")
    link.symlink_to(outside)
    assert "does not lie where" in desk.outcome(link).words


def test_a_file_over_the_limit_is_refused_before_it_is_read(desk) -> None:
    with pytest.raises(BadInput, match="larger than 0 MiB"):
        sources.admit(desk.settings, "synthetic", desk.file, limit=100)


def test_a_publisher_signs_on_the_command_line(desk, tmp_path, monkeypatch) -> None:
    key = tmp_path / "own.pem"
    signing.create_key(key)
    desk.list_sources(key)
    path = desk.file.with_name("monthly.csv")
    path.write_bytes(desk.file.read_bytes())
    arguments = ["data", "sign", str(path), "--source", "partner", "--key", str(key)]
    done = CliRunner().invoke(cli.app, arguments)
    assert (done.exit_code, done.stdout.strip()) == (0, str(sources.receipt_path(path)))
    assert desk.outcome(path, "partner").code == 0
