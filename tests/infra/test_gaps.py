"""What the AWS emulator lacks: the data file is refused when it is wrong, and overrides touch a copy only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redoubt.errors import BadInput
from redoubt.infra import sandbox
from redoubt.infra.emulator import adopted, clients, gaps, judged

INFRA = Path(__file__).resolve().parents[2] / "infra"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a private copy of the composition."""
    sandbox.copy(INFRA / "project", tmp_path / "infra")
    return tmp_path / "infra"


def test_each_gap_names_a_resource_that_a_module_has(copy: Path) -> None:
    gaps.write(copy, gaps.read())
    written = sorted(path.parent.name for path in copy.glob(f"modules/*/{gaps.NAME}"))
    assert written == sorted({gap.module for gap in gaps.read() if gap.module})
    assert not list((INFRA / "modules").glob(f"*/{gaps.NAME}"))


def test_overrides_of_other_gaps_do_not_stay_behind(copy: Path) -> None:
    gaps.write(copy, gaps.read())
    gaps.write(copy, [])
    assert not list(copy.glob(f"modules/*/{gaps.NAME}"))


def test_a_gap_of_a_resource_that_is_gone_is_refused(copy: Path) -> None:
    gone = gaps.Gap("absent", "keys", "aws_kms_key.gone", "", "", "x", 1, {}, "")
    with pytest.raises(BadInput, match=r"modules/keys has no resource aws_kms_key\.gone"):
        gaps.write(copy, [gone])


@pytest.mark.parametrize(
    "text",
    [
        "absent: [{ resource: keys/aws_kms_key.this, lacks: x }]",
        "absent: [{ resource: keys/aws_kms_key.this, planned: 1 }]",
        "ignored: [{ resource: keys/aws_kms_key.this, lacks: x, planned: [1] }]",
        "off: [{ resource: keys/aws_kms_key.this, lacks: x, planned: 1 }]",
        "absent: [{ resource: k/a.b, lacks: x, planned: 1 }, { resource: k/a.b, lacks: y, planned: 1 }]",
    ],
)
def test_a_gap_without_its_reasons_or_twice_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"gaps\.yml"):
        gaps.read(text)


def test_a_client_never_speaks_to_anything_but_this_machine() -> None:
    with pytest.raises(BadInput, match="is no AWS emulator on this machine"):
        clients.connected({"AWS_ENDPOINT_URL": "https://s3.eu-central-1.amazonaws.com"})


def test_an_attribute_that_is_ignored_without_need_and_one_that_differs_unnamed_are_told(
    unrotated: Callable[..., dict[str, Any]],
) -> None:
    plan = unrotated()
    named = gaps.Gap(
        "ignored", "keys", "aws_kms_key.this", "enable_key_rotation", "", "x", [1], {}, ""
    )
    other = gaps.Gap("ignored", "keys", "aws_kms_key.this", "policy", "", "x", [1], {}, "")
    shown = judged.differences(plan)
    assert judged.unneeded(shown, [named, other]) == ["ignored keys/aws_kms_key.this.policy"]
    assert judged.unnamed(shown, [named]) == []
    assert judged.unnamed(shown, [other]) == [
        'keys/aws_kms_key.this.enable_key_rotation: module.keys.aws_kms_key.this["data"]'
    ]


def test_what_an_apply_refuses_is_known_by_its_resource() -> None:
    log = json.dumps({
        "@level": "error", "type": "diagnostic",
        "diagnostic": {"address": 'module.keys[0].aws_kms_alias.this["data"]'},
    })  # fmt: skip
    absent = [
        gaps.Gap("absent", "keys", name, "", "", "x", 1, {}, "")
        for name in ("aws_kms_alias.this", "aws_kms_key.this")
    ]
    failed = judged.refusals(f"{log}\nnot JSON\n")
    assert judged.supported(failed, absent) == ["absent keys/aws_kms_key.this"]


def test_what_stands_already_is_read_from_the_errors_of_an_apply() -> None:
    errors = (
        "╷\n│ Error: creating IAM Role (x): EntityAlreadyExists: Role x already exists.\n│ \n"
        "│   with module.audit[0].aws_iam_role.delivery,\n│   on a.tf line 1:\n╵\n"
        "╷\n│ Error: creating KMS Key: AccessDenied\n│ \n│   with module.keys.aws_kms_key.this,\n╵\n"
    )
    assert adopted.refused(errors) == ["module.audit[0].aws_iam_role.delivery"]
