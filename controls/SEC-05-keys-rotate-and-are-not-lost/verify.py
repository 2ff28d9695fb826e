"""Proves SEC-05: keys rotate, are not lost in a hurry, and nobody both rules and uses them."""

from redoubt.infra.keys import ADMINISTRATION, USE, holders, lending, said, sweeping
from redoubt.infra.policies import separation
from redoubt.infra.statements import actions, allows, principals, unread
from redoubt.proof import proves

EVENTS = {"DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"}
LEAST_DAYS, YEAR = 30, 365
BYPASS = {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}
KINDS = {"aws_kms_alias", "aws_kms_key"}


@proves("SEC-05.1")
def test_every_key_rotates_and_nobody_may_stop_it(planned):
    keys = planned.of("aws_kms_key")
    assert keys
    assert [k.address for k in keys if k.values["enable_key_rotation"] is not True] == []
    assert [
        k.address for k in keys if (k.values.get("rotation_period_in_days") or YEAR) > YEAR
    ] == []
    assert [k.address for k in keys if k.values["custom_key_store_id"] or not k.values["is_enabled"]] == []  # fmt: skip
    assert [who for who, s in said(planned) if "kms:DisableKeyRotation" in actions(s)] == []


@proves("SEC-05.2")
def test_a_key_can_be_saved_for_thirty_days_and_nobody_locks_himself_out(planned):
    keys = planned.of("aws_kms_key")
    assert keys
    assert [k.address for k in keys if (k.values["deletion_window_in_days"] or 0) < LEAST_DAYS] == []  # fmt: skip
    for key in keys:
        assert key.values["bypass_policy_lockout_safety_check"] is False, key.address
        refused = [s for s in key.policy() if s["Effect"] == "Deny" and principals(s) == ["*"]]
        assert any("kms:PutKeyPolicy" in actions(s) and s.get("Condition") in (None, BYPASS)
                   for s in refused), key.address  # fmt: skip


@proves("SEC-05.3")
def test_nobody_both_administers_a_key_and_uses_one(planned, policies):
    assert unread(planned) == []
    rulers, users = holders(planned, ADMINISTRATION), holders(planned, USE)
    assert [who for who in rulers if who.endswith("-key-administrator")]
    assert len(users) > len(rulers)
    assert sorted(rulers & users) == []
    # A grant, a second policy or a key of another kind says what no policy above says.
    assert [i.address for i in planned.like(r"aws_kms_\w+") if i.type not in KINDS] == []
    assert [str(one) for one in separation.keys(policies)] == []


@proves("SEC-05.4")
def test_whoever_administers_a_key_is_refused_its_use_and_nobody_lends_it_at_will(planned):
    assert lending(planned) == []
    for key in planned.of("aws_kms_key"):
        rulers = {who for s in key.policy() if allows(s) and "kms:ScheduleKeyDeletion" in actions(s)
                  for who in principals(s)}  # fmt: skip
        denied = [s for s in key.policy() if s["Effect"] == "Deny" and set(principals(s)) == rulers]
        assert rulers
        assert any({"kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"} <= set(actions(s))
                   and "Condition" not in s for s in denied), key.address  # fmt: skip


@proves("SEC-05.5")
def test_nobody_reaches_kms_by_a_wildcard_and_only_administrators_administer(planned):
    assert sweeping(planned) == []
    assert [who for who, s in said(planned) if who == "*"] == []
    rulers = {who.rpartition("/")[2] for who in holders(planned, ADMINISTRATION)}
    assert [who for who in rulers if not who.endswith(("-key-administrator", ":root"))] == []


@proves("SEC-05.6")
def test_a_disabled_or_dying_key_raises_an_alarm_that_is_heard(watch):
    call = {"source": "aws.kms", "detail-type": "AWS API Call via CloudTrail"}
    said_of = {name: {"eventSource": "kms.amazonaws.com", "eventName": name} for name in EVENTS}
    assert [
        name for name, detail in said_of.items() if not watch.told(call | {"detail": detail})
    ] == []


@proves("SEC-05.7")
def test_the_alarms_topic_lies_under_a_key_that_its_writer_may_use(planned):
    locks = {topic.values["kms_master_key_id"].rpartition("/")[2] for topic in planned.of("aws_sns_topic")
             if topic.values["name"].endswith("-alarms")}  # fmt: skip
    written = {key.address.split('"')[1] for key in planned.of("aws_kms_key") for s in key.policy()
               if allows(s) and "events.amazonaws.com" in principals(s)
               and {"kms:Decrypt", "kms:GenerateDataKey"} <= set(actions(s)) and "Condition" not in s}  # fmt: skip
    assert locks
    assert locks <= written
