"""Proves SEC-04: everything that is kept lies under a key of the project, and no upload under another."""

from typing import Any

from redoubt.infra.policies import estate, perimeter
from redoubt.infra.reading import Resource
from redoubt.infra.statements import actions, listed, principals
from redoubt.infra.storage import at, keys, named, unknown
from redoubt.proof import proves

RULE = "aws_s3_bucket_server_side_encryption_configuration"
# AWS delivers server access logs only into a bucket under its own key; nothing else is kept there.
ACCESS_LOGS = "module.storage.module.access_logs."
OTHER_KEYS = "s3:x-amz-server-side-encryption-aws-kms-key-id"
# Beside the key some types say whether anything is encrypted at all.
FLAGS = (
    ("aws_db_instance", "storage_encrypted", True), ("aws_ebs_volume", "encrypted", True),
    ("aws_ecr_repository", "encryption_configuration.encryption_type", "KMS"),
    ("aws_efs_file_system", "encrypted", True), ("aws_instance", "ebs_block_device", None),
    ("aws_instance", "root_block_device.encrypted", True),
    ("aws_kinesis_stream", "encryption_type", "KMS"), ("aws_ssm_parameter", "type", "SecureString"),
)  # fmt: skip


def default(rule: Resource) -> dict[str, Any]:
    return dict(rule.values["rule"][0]["apply_server_side_encryption_by_default"][0])


def denials(item: Resource) -> list[dict[str, Any]]:
    """Return the statements that refuse everybody an upload."""
    return [s for s in item.policy() if s["Effect"] == "Deny" and principals(s) == ["*"]
            and actions(s) == ["s3:PutObject"]]  # fmt: skip


@proves("SEC-04.1")
def test_it_is_known_of_every_type_whether_it_keeps_something(planned):
    assert planned.resources
    assert unknown(planned) == []


@proves("SEC-04.2")
def test_everything_that_keeps_something_names_a_key_of_the_project(planned):
    ours = keys(planned)
    found = [(i.address, a, k) for i, a, each in named(planned) for k in each
             if (i.module, i.type) != (ACCESS_LOGS, RULE)]  # fmt: skip
    assert {"aws_db_instance", "aws_ebs_volume", "aws_ecr_repository", RULE} <= {i.type for i, _, _ in named(planned)}  # fmt: skip
    assert [one for one in found if one[2] not in ours] == []
    assert [(i.address, flag) for kind, flag, on in FLAGS for i in planned.of(kind) if at(i, flag) != [on]] == []  # fmt: skip


@proves("SEC-04.3")
def test_every_bucket_encrypts_with_its_key_but_the_one_of_access_logs(planned):
    rules = planned.of(RULE)
    ruled = [bucket for rule in rules for bucket in planned.referred(rule, "bucket")]
    assert [b.address for b in planned.of("aws_s3_bucket") if ruled.count(b) != 1] == []
    assert [r.module for r in rules if default(r)["sse_algorithm"] != "aws:kms"] == [ACCESS_LOGS]


@proves("SEC-04.4")
def test_every_bucket_refuses_an_upload_under_another_key(policies):
    found = estate.read(policies)
    kept = {name for name, key in found.bucket_keys.items() if key}
    assert len(kept) >= 5
    assert kept <= set(found.guards)
    assert [str(one) for one in perimeter.buckets(policies) if one.control == "SEC-04"] == []


@proves("SEC-04.5")
def test_a_folder_with_a_key_of_its_own_refuses_every_other_key(planned):
    found = planned.of("aws_s3_bucket_policy")
    assert found
    for item in found:
        refused = denials(item)
        left = {one for s in refused for one in listed(s.get("NotResource"))}
        closed = {one for s in refused for one in listed(s.get("Resource"))
                  if s["Condition"].get("StringNotEquals", {}).get(OTHER_KEYS) in keys(planned)}  # fmt: skip
        assert left <= closed, item.address


@proves("SEC-04.7")
def test_a_service_of_aws_writes_under_the_buckets_key_and_under_no_other(policies):
    writers = {who for guard in estate.read(policies).guards.values() for one in guard.policy.statements
               if one.allows and one.actions == ("s3:PutObject",) for who in one.principals or ()}  # fmt: skip
    assert {("Service", "cloudtrail.amazonaws.com"), ("Service", "config.amazonaws.com")} <= writers
    assert [str(one) for one in perimeter.services(policies)] == []


@proves("SEC-04.8")
def test_what_a_plan_stands_in_for_is_given_by_the_resource_that_it_names(stood_in):
    assert stood_in == {}
