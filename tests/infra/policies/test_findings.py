"""The policies of the three environments as planned: nothing is found, and each sabotage is."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from redoubt.infra import sandbox
from redoubt.infra.policies import ceiling, estate, findings, perimeter, separation, trust
from redoubt.infra.policies import matrix as cells
from redoubt.infra.policies.decide import ALLOW, DENY

Plan = dict[str, Any]
Plans = Callable[[str], Plan]
Statement = dict[str, Any]
pytestmark = pytest.mark.slow
JUDGES: dict[str, Callable[[Mapping[str, Any]], list[findings.Finding]]] = {
    "unread": findings.unread, "wildcards": findings.wildcards, "buckets": perimeter.buckets,
    "services": perimeter.services, "capped": ceiling.capped, "confused": trust.confused,
    "endpoints": perimeter.endpoints, "keys": separation.keys, "audit": separation.audit,
    "environments": separation.environments, "trusts": trust.trusts,
}  # fmt: skip


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_the_planned_policies_hold(readable: Plans, name: str, judge: str) -> None:
    assert [str(one) for one in JUDGES[judge](readable(name))] == []


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_every_cell_of_the_access_matrix_is_answered_as_written(
    readable: Plans, matrix: dict[str, Any], name: str
) -> None:
    assert [str(one) for one in findings.access(readable(name), matrix)] == []


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_no_role_may_make_a_call_that_no_cell_names(
    readable: Plans, matrix: dict[str, Any], name: str
) -> None:
    assert [str(one) for one in findings.beside(readable(name), matrix)] == []


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_the_matrix_asks_enough_and_each_denial_has_a_reason(
    readable: Plans, matrix: dict[str, Any], name: str
) -> None:
    found = estate.read(readable(name))
    asked = [(cell, arn) for cell in cells.cells(matrix, name) for arn in cells.arns(found, cell)]
    counts = Counter(cell.may for cell, _ in asked)
    assert counts[True] > 400
    assert counts[False] > 2500
    reasons = {cells.obstacle(found, cell, arn) for cell, arn in asked if not cell.may}
    assert "no grant" in reasons
    assert "not-evaluated" not in reasons


@pytest.mark.parametrize("name", sandbox.ENVIRONMENTS)
def test_what_is_never_allowed_stands_beside_a_twin_that_is(
    readable: Plans, matrix: dict[str, Any], name: str
) -> None:
    """The same action of the same role, or of another role, goes through where the matrix says so."""
    found = estate.read(readable(name))
    allowed = {(cell.action, cell.kind) for cell in cells.cells(matrix, name) if cell.may}
    never = [cell for cell in cells.cells(matrix, name) if cell.written and not cell.may]
    assert len(never) > 100
    for cell in never:
        answers = {cells.judge(found, cell, arn).answer for arn in cells.arns(found, cell)}
        assert answers <= {DENY}, cell
        assert (cell.action, cell.kind) in allowed, f"nobody is ever allowed {cell.action}"


@pytest.mark.parametrize(
    ("role", "action", "kind", "name", "answer"),
    [
        ("trainer", "s3:GetObject", "objects", "trusted", ALLOW),
        ("trainer", "s3:PutObject", "objects", "artefacts/candidates", ALLOW),
        ("trainer", "s3:PutObject", "objects", "artefacts/released", DENY),
        ("trainer", "ecr:PutImage", "repositories", "serving", DENY),
        ("deployer", "ecr:PutImage", "repositories", "serving", ALLOW),
        ("serving", "s3:GetObject", "objects", "artefacts/released", ALLOW),
        ("serving", "s3:GetObject", "objects", "raw", DENY),
        ("data-steward", "s3:GetObject", "objects", "raw", ALLOW),
        ("auditor", "s3:GetObject", "objects", "audit", ALLOW),
        ("auditor", "s3:PutObject", "objects", "audit", DENY),
        ("auditor", "s3:PutObject", "objects", "artefacts/evidence", DENY),
        ("validator", "s3:PutObject", "objects", "artefacts/evidence", ALLOW),
        ("break-glass", "ecs:UpdateService", "services", "serving", ALLOW),
        ("break-glass", "s3:GetObject", "objects", "trusted", DENY),
    ],
)  # fmt: skip
def test_what_a_reviewer_asks_first(
    readable: Plans, role: str, action: str, kind: str, name: str, answer: str
) -> None:
    found = estate.read(readable("production"))
    cell = cells.Cell(role, action, kind, name, "", may=answer == ALLOW, written=True)
    assert [cells.judge(found, cell, arn).answer for arn in cells.arns(found, cell)] == [answer]


def changed(plan: Plan, address: str, change: Callable[[list[Statement]], object]) -> Plan:
    """Return a copy of a plan with the statements of one policy changed."""
    broken = copy.deepcopy(plan)
    (item,) = [one for one in broken["resource_changes"] if one["address"] == address]
    after = item["change"]["after"]
    field = "assume_role_policy" if item["type"] == "aws_iam_role" else "policy"
    document = json.loads(after[field])
    change(document["Statement"])
    after[field] = json.dumps(document)
    return broken


def sid(statements: list[Statement], name: str) -> Statement:
    """Return the statement of a name."""
    return next(one for one in statements if one.get("Sid") == name)


def without(*names: str) -> Callable[[list[Statement]], object]:
    """Return a change that takes statements out; some denials stand twice, as belt and braces."""
    return lambda statements: [statements.remove(sid(statements, name)) for name in names]


def put(name: str, **values: Any) -> Callable[[list[Statement]], object]:
    """Return a change of the elements of a statement."""
    return lambda statements: sid(statements, name).update(values)


def first(**values: Any) -> Callable[[list[Statement]], object]:
    """Return a change of the first statement."""
    return lambda statements: statements[0].update(values)


def widened(name: str, **values: Any) -> Callable[[list[Statement]], object]:
    """Return a change that leaves out a statement's condition."""
    return lambda statements: (
        sid(statements, name).pop("Condition"),
        put(name, **values)(statements),
    )


ROLE = 'module.identity.aws_iam_role.this["{}"]'
GRANTS = 'module.identity.aws_iam_role_policy.this["{}"]'
BUCKET = 'module.storage.module.data["{}"].aws_s3_bucket_policy.this'
KEY = 'module.keys[0].aws_kms_key.this["{}"]'
ENDPOINT = 'module.network[0].aws_vpc_endpoint.interface["{}"]'
S3 = "module.network[0].aws_vpc_endpoint.s3"
BOUNDARY = "module.identity.aws_iam_policy.boundary"
HOW = "s3:x-amz-server-side-encryption"
KEY_ID = f"{HOW}-aws-kms-key-id"
WORKLOAD = "arn:aws:iam::777788889999:role/credit-default-prod-trainer"
ALL_ACCESS = {"Effect": "Allow", "Principal": "*", "Action": ["*"], "Resource": "*"}
SUBJECT = "token.actions.githubusercontent.com:sub"
FORGE = {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
SABOTAGES = [
    ("widened to s3:*", "wildcards", "IAM-01", GRANTS.format("trainer"), put("ReadObjects", Action="s3:*")),
    ("no plaintext deny", "buckets", "NET-04", BUCKET.format("raw"), without("RefusePlaintext")),
    ("no TLS deny", "buckets", "NET-04", BUCKET.format("audit"), without("RefuseOldTls")),
    ("no organisation", "buckets", "NET-02", BUCKET.format("trusted"), without("RefuseOtherOrganisations")),
    ("other keys", "buckets", "SEC-04", BUCKET.format("artefacts"), without("RefuseOtherKeys")),
    ("S3's own key", "buckets", "SEC-04", BUCKET.format("protected"), without("RefuseOtherEncryption", "RefuseOtherKeys")),
    ("no encryption", "buckets", "SEC-04", BUCKET.format("raw"),
     without("RefuseUploadWithoutEncryption", "RefuseOtherEncryption", "RefuseOtherKeys")),
    ("KMS without a key", "buckets", "SEC-04", BUCKET.format("raw"),
     lambda s: sid(s, "RefuseOtherKeys")["Condition"].update({"Null": {KEY_ID: "false"}})),
    ("services are refused", "services", "SEC-04", BUCKET.format("audit"),
     put("RefuseOtherEncryption", Condition={"StringNotEqualsIfExists": {HOW: "aws:kms"}})),
    ("services of any account", "services", "SEC-04", BUCKET.format("audit"), widened("LetConfigWrite")),
    ("no ceiling", "capped", "IAM-01", BOUNDARY, put("AtMost", Action="*")),
    ("any region", "capped", "IAM-01", BOUNDARY, without("StayInRegion")),
    ("nothing at all", "capped", "IAM-01", BOUNDARY, without("AtMost")),
    ("tasks of any account", "confused", "IAM-01", ROLE.format("trainer"), first(Condition={})),
    ("a role of development", "trusts", "NET-06", ROLE.format("approver"),
     first(Principal={"AWS": "arn:aws:iam::111122223333:root"}, Action="sts:AssumeRole", Condition={})),
    ("everybody is denied", "buckets", "NET-04", BUCKET.format("raw"), put("RefusePlaintext", Condition={})),
    ("full-access endpoint", "endpoints", "NET-02", ENDPOINT.format("kms"), lambda s: s.append(ALL_ACCESS)),
    ("open endpoint", "endpoints", "NET-02", ENDPOINT.format("logs"), widened("Write")),
    ("open S3 endpoint", "endpoints", "NET-02", S3, widened("Objects")),
    ("writable layers", "endpoints", "NET-02", S3, put("ImageLayers", Action=["s3:GetObject", "s3:PutObject"])),
    ("kms:* for a workload", "keys", "SEC-05", KEY.format("data"),
     lambda s: s.append({"Sid": "X", "Effect": "Allow", "Principal": {"AWS": WORKLOAD}, "Action": "kms:*",
                         "Resource": "*"})),
    ("use by the account", "keys", "SEC-05", KEY.format("audit"),
     lambda s: sid(s, "RepairByAccount")["Action"].append("kms:Decrypt")),
    ("no administrator", "keys", "SEC-05", KEY.format("logs"), without("Administer")),
    ("the trail can be stopped", "audit", "MON-02", BOUNDARY,
     lambda s: (s.remove(sid(s, "AuditStands")), sid(s, "AtMost")["Action"].append("cloudtrail:StopLogging"))),
    ("the trail can be written", "audit", "MON-02", BOUNDARY, without("AuditBucketIsReadOnly")),
    ("nobody can read", "audit", "MON-02", BOUNDARY, put("AuditBucketIsReadOnly", NotAction=["s3:List*"])),
    ("no MFA", "trusts", "IAM-04", ROLE.format("break-glass"),
     lambda s: s[0]["Condition"].pop("ForAnyValue:StringEquals")),
    ("no audience", "trusts", "IAM-04", ROLE.format("auditor"),
     lambda s: s[0]["Condition"].pop("StringEquals")),
    ("any branch", "trusts", "IAM-03", ROLE.format("ci"),
     first(Condition={**FORGE, "StringLike": {SUBJECT: "repo:example-bank/credit-default:*"}})),
    ("any repository", "trusts", "IAM-03", ROLE.format("deployer"), first(Condition=FORGE)),
    ("a person of development", "environments", "NET-06", ROLE.format("approver"),
     first(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
    ("development's role on a key", "environments", "NET-06", KEY.format("artefacts"),
     lambda s: s[1]["Principal"].update(AWS=["arn:aws:iam::111122223333:role/x"])),
    ("an unknown key", "unread", "IAM-01", GRANTS.format("serving"),
     put("ReadObjects", Condition={"StringEquals": {"aws:Moonphase": "full"}})),
    ("an unknown operator", "unread", "IAM-01", KEY.format("data"),
     put("Use", Condition={"StringSounds": {"kms:ViaService": "s3"}})),
]  # fmt: skip


@pytest.mark.parametrize(("judge", "control", "address", "change"),
                         [row[1:] for row in SABOTAGES], ids=[row[0] for row in SABOTAGES])  # fmt: skip
def test_a_sabotage_is_found_where_it_is(
    readable: Plans, judge: str, control: str, address: str, change: Callable[..., object]
) -> None:
    found = JUDGES[judge](changed(readable("production"), address, change))
    assert found
    assert control in {one.control for one in found}


@pytest.mark.parametrize(
    ("address", "change", "words"),
    [
        (GRANTS.format("trainer"), put("ReadObjects", Action="s3:*"), "trainer: s3:PutObject"),
        (GRANTS.format("serving"), put("ReadObjects", Resource="*"), "serving: s3:GetObject on arn:aws:s3:::"
         "credit-default-prod-raw-777788889999/sample.bin is allow, the matrix says may not"),
        (GRANTS.format("auditor"), without("ReadObjects"), "the matrix says may "),
        (KEY.format("data"), widened("Read"), "kms:Decrypt"),
        (GRANTS.format("trainer"), put("ReadObjects", Condition={"StringEquals": {"aws:Moonphase": "full"}}),
         "is not-evaluated"),
    ],
)  # fmt: skip
def test_a_cell_that_is_answered_otherwise_is_named(
    readable: Plans, matrix: dict[str, Any], address: str, change: Callable[..., object], words: str
) -> None:
    found = findings.access(changed(readable("production"), address, change), matrix)
    assert any(words in str(one) for one in found), [str(one) for one in found][:5]


def test_a_policy_that_the_plan_leaves_open_is_said(readable: Plans) -> None:
    broken = copy.deepcopy(readable("production"))
    (item,) = [i for i in broken["resource_changes"] if i["address"] == GRANTS.format("trainer")]
    del item["change"]["after"]["policy"]
    item["change"]["after_unknown"]["policy"] = True
    words = [str(one) for one in findings.unread(broken)]
    assert any(item["address"] in one and "does not know" in one for one in words)


def test_a_role_without_a_boundary_is_said(readable: Plans) -> None:
    broken = copy.deepcopy(readable("production"))
    (item,) = [i for i in broken["resource_changes"] if i["address"] == ROLE.format("trainer")]
    item["change"]["after"]["permissions_boundary"] = None
    assert any("no boundary" in str(one) for one in findings.unread(broken))
