"""Proves SEC-04: everything that is kept lies under a key of the project, and no upload under another."""

from redoubt.infra.policies import actions, listed, principals
from redoubt.infra.storage import keys, named, unknown
from redoubt.proof import proves

RULE = "aws_s3_bucket_server_side_encryption_configuration"
# AWS delivers server access logs only into a bucket under its own key; nothing else is kept there.
ACCESS_LOGS = "module.storage.module.access_logs."
OTHER_KEYS = "s3:x-amz-server-side-encryption-aws-kms-key-id"
HOW = "s3:x-amz-server-side-encryption"
FLAGS = {"aws_db_instance": "storage_encrypted", "aws_ebs_volume": "encrypted"}


def default(rule):
    return rule.values["rule"][0]["apply_server_side_encryption_by_default"][0]


def denials(item):
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
             if i.module != ACCESS_LOGS]  # fmt: skip
    assert {"aws_db_instance", "aws_ebs_volume", "aws_ecr_repository", RULE} <= {
        i.type for i, _, _ in named(planned)
    }
    assert [one for one in found if one[2] not in ours] == []
    assert [{True}] * 2 == [set(planned.values(kind, flag)) for kind, flag in FLAGS.items()]


@proves("SEC-04.3")
def test_every_bucket_encrypts_with_its_key_but_the_one_of_access_logs(planned):
    rules = planned.of(RULE)
    ruled = [bucket for rule in rules for bucket in planned.referred(rule, "bucket")]
    assert [b.address for b in planned.of("aws_s3_bucket") if ruled.count(b) != 1] == []
    plain = [rule.module for rule in rules if default(rule)["sse_algorithm"] != "aws:kms"]
    assert plain == [ACCESS_LOGS]


@proves("SEC-04.4")
def test_every_bucket_refuses_an_upload_under_another_key(planned):
    policies = {item.module: item for item in planned.of("aws_s3_bucket_policy")}
    rules = [rule for rule in planned.of(RULE) if rule.module != ACCESS_LOGS]
    assert rules
    for rule in rules:
        refused = denials(policies[rule.module])
        (bucket,) = planned.referred(rule, "bucket")
        every = f"arn:aws:s3:::{bucket.values['bucket']}/*"
        said = [s["Condition"] for s in refused if listed(s.get("Resource")) == [every]]
        assert {"StringNotEqualsIfExists": {HOW: "aws:kms"}} in said, every
        assert any(condition.get("Null") == {HOW: "true"} for condition in said), every
        other = {"StringNotEqualsIfExists": {OTHER_KEYS: default(rule)["kms_master_key_id"]}}
        assert [s for s in refused if s["Condition"] == other and (
            "NotResource" in s or listed(s["Resource"]) == [every])], every  # fmt: skip


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
