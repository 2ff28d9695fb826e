"""Proves MON-06: what is changed out of band is found, told, and named by the control that it breaks."""

import re

from redoubt.infra.rights import granted, refused
from redoubt.proof import proves

NAMED = re.compile(r"([a-z]{2,5}-\d{2})-[a-z0-9-]+")
# A parameter narrows what a rule looks at; one sets how old a key may be (CIS AWS 1.14).
PARAMETERS = {"ACCESS_KEYS_ROTATED": '{"maxAccessKeyAge":"90"}'}
WATCHERS = "alarm-changes", "config-changes", "detection-changes", "trail-changes"


@proves("MON-06.1")
def test_config_records_every_resource_into_the_locked_bucket(planned, trail):
    (recorder,) = planned.of("aws_config_configuration_recorder")
    (group,) = recorder.values["recording_group"]
    assert (group["all_supported"], group["include_global_resource_types"]) == (True, True)
    assert (group.get("exclusion_by_resource_types") or [], recorder.values.get("recording_mode") or []) == ([], [])  # fmt: skip
    (status,) = planned.of("aws_config_configuration_recorder_status")
    assert (status.values["name"], status.values["is_enabled"]) == (recorder.values["name"], True)
    (channel,) = planned.of("aws_config_delivery_channel")
    assert channel.values["s3_bucket_name"] == trail.kept.name
    assert ":key/" in channel.values["s3_kms_key_arn"]


@proves("MON-06.2")
def test_a_rule_of_aws_named_by_its_control_watches_each_thing_that_may_drift(planned, watch, incidents):  # fmt: skip
    found: dict[str, set[str]] = {}
    for rule in planned.of("aws_config_config_rule"):
        named, (source,) = NAMED.fullmatch(watch.short(rule.values["name"])), rule.values["source"]
        assert named, rule.values["name"]
        modes = {one["mode"] for one in rule.values.get("evaluation_mode") or []}
        kind, asked = source["source_identifier"], rule.values["input_parameters"]
        found_as = source["owner"], rule.values["scope"], modes - {"DETECTIVE"}, asked
        assert found_as == ("AWS", [], set(), PARAMETERS.get(kind)), rule.values["name"]
        found.setdefault(named[1].upper(), set()).add(kind)
    assert {name: rest for name, ids in incidents.drift.items() if (rest := ids - found.get(name, set()))} == {}  # fmt: skip


@proves("MON-06.3")
def test_a_broken_rule_is_told_by_its_name_and_a_mended_one_is_not(planned, watch):
    rules = planned.values("aws_config_config_rule", "name")
    assert rules
    event = {"source": "aws.config", "detail-type": "Config Rules Compliance Change"}
    for result, told in ("NON_COMPLIANT", {"noncompliance"}), ("COMPLIANT", set()):
        details = [{"configRuleName": rule, "newEvaluationResult": {"complianceType": result}} for rule in rules]  # fmt: skip
        assert [one for one in details if watch.told(event | {"detail": one}) != told] == []


@proves("MON-06.4")
def test_an_alarm_about_a_change_begins_with_its_control(watch, incidents):
    texts = {name: watch.rung(one.raises[0], one.times).get(name, "") for name, one in incidents.items()}  # fmt: skip
    assert texts
    assert [(name, text) for name, text in texts.items() if not text.startswith(f"{incidents[name].control}: ")] == []  # fmt: skip


@proves("MON-06.5")
def test_whoever_silences_a_watcher_is_heard_and_no_role_of_the_project_may(planned, watch, incidents):  # fmt: skip
    silencing = [event for name in WATCHERS for event in incidents[name].raises]
    assert [e["eventName"] for e in silencing if not any(t.startswith("MON-") for t in watch.rung(e).values())] == []  # fmt: skip
    (boundary,) = planned.of("aws_iam_policy")
    own = [s for item in planned.of("aws_iam_role_policy") for s in item.policy()]
    assert own
    may = [deed for deed in watch.silencings() if granted(own, *deed) and granted(boundary.policy(), *deed)]  # fmt: skip
    assert [deed for deed in may if not refused(boundary.policy(), *deed)] == []


@proves("MON-06.6")
def test_an_edited_file_of_the_platform_is_named_with_the_controls_that_it_keeps(relocked):
    assert relocked == {
        "": "", "controls/NET-01-a/verify.py": "controls/NET-01-a/verify.py was edited.",
        "platform/guard.py": "platform/guard.py was edited. Lines of it keep MON-01, SRV-03.",
        "platform/plain.py": "platform/plain.py was edited.",
        "infra/modules/network/vpc.tf": "infra/modules/network/vpc.tf was edited. Lines of it keep NET-01.",
    }  # fmt: skip


@proves("MON-06.7")
def test_a_model_that_changed_on_disk_is_never_served_again(starts):
    assert starts("nothing")[:2] == (None, True)
    code, was_ready, output = starts("flipped_byte")
    assert (code, was_ready) == (1, False)
    assert "model.onnx does not match the manifest" in output


@proves("MON-06.12")
def test_no_change_is_overlooked_but_the_number_of_tasks(overlooked):
    # The service scales by itself.
    assert overlooked == {("modules/serving/service.tf", "[desired_count]")}
