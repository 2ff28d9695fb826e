"""Proves MON-05: what an attacker does in the cloud raises an alarm that somebody hears, and soon."""

from redoubt.infra.rights import covers, granted
from redoubt.infra.separation import account
from redoubt.infra.statements import listed
from redoubt.proof import proves

FEATURES = {"EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING", "S3_DATA_EVENTS"}
ALARMS, EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"
OFTEN = 1000
FINDING = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding"}
SCAN = {"source": "aws.inspector2", "detail-type": "Inspector2 Finding"}
PRIVATE = {"https": "https://", "lambda": "arn:", "sqs": "arn:"}


@proves("MON-05.1")
def test_guardduty_is_on_with_objects_logins_volumes_and_containers_and_soon_told(planned):
    (detector,) = planned.of("aws_guardduty_detector")
    assert (detector.values["enable"], detector.values["finding_publishing_frequency"]) == (True, "FIFTEEN_MINUTES")  # fmt: skip
    # A filter or a list of trusted addresses would hide what was found.
    assert {i.type.removeprefix("aws_guardduty_") for i in planned.like(r"aws_guardduty_\w+")} == {"detector", "detector_feature"}  # fmt: skip
    features = [item.values for item in planned.of("aws_guardduty_detector_feature")]
    assert {one["name"] for one in features if one["status"] == "ENABLED"} >= FEATURES | {one["name"] for one in features if one["status"] != "ENABLED"}  # fmt: skip
    agents = {part["name"]: part["status"] for one in features for part in one["additional_configuration"]}  # fmt: skip
    assert agents["ECS_FARGATE_AGENT_MANAGEMENT"] == "ENABLED"


@proves("MON-05.2")
def test_the_trail_finds_unusual_rates_of_calls_and_errors(trail):
    kinds = {one["insight_type"] for one in trail.resource.values["insight_selector"]}
    assert kinds == {"ApiCallRateInsight", "ApiErrorRateInsight"}


@proves("MON-05.3")
def test_each_filter_matches_what_it_is_for_and_no_near_miss(watch, incidents):
    assert (sorted(watch.filters), watch.fields() - incidents.fields) == (sorted(incidents), set())
    assert [(n, e["eventName"]) for n, one in incidents.items() for e in one.raises if n not in watch.rung(e, OFTEN)] == []  # fmt: skip
    assert [(n, e["eventName"]) for n, one in incidents.items() for e in one.near if n in watch.rung(e, OFTEN)] == []  # fmt: skip


@proves("MON-05.4")
def test_an_ordinary_day_raises_nothing(watch, incidents):
    assert incidents.ordinary
    assert [rung for event in incidents.ordinary if (rung := watch.rung(event, OFTEN))] == []


@proves("MON-05.5")
def test_as_few_events_as_stated_raise_the_alarm_within_five_minutes(watch, incidents):
    few = {name: name in watch.rung(one.raises[0], one.times) for name, one in incidents.items()}
    assert [name for name, heard in few.items() if not heard] == []
    fewer = {name: name in watch.rung(one.raises[0], one.times - 1) for name, one in incidents.items()}  # fmt: skip
    assert [name for name, heard in fewer.items() if heard] == []


@proves("MON-05.6")
def test_findings_from_medium_severity_and_bad_images_are_told(watch):
    told = {severity: watch.told(FINDING | {"detail": {"severity": severity}}) for severity in (3.9, 4, 8.9, 10)}  # fmt: skip
    assert told == {3.9: set()} | {severity: {"threat"} for severity in (4, 8.9, 10)}
    scans = {level: watch.told(SCAN | {"detail": {"severity": level, "status": "ACTIVE"}})
             for level in ("CRITICAL", "HIGH", "LOW")}  # fmt: skip
    assert scans == {"CRITICAL": {"image-vulnerability"}, "HIGH": {"image-vulnerability"}, "LOW": set()}  # fmt: skip


@proves("MON-05.7")
def test_the_topic_takes_every_alarm_and_its_key_serves_the_senders(planned, watch):
    ((arn, topic),) = watch.heard.items()
    may, lent = watch.publishers(topic), watch.lent(topic)
    assert may.keys() == {ALARMS, EVENTS} == lent.keys() & may.keys()
    assert watch.refusals(topic) == [{"Bool": {"aws:SecureTransport": "false"}}]
    assert [who for who, let in may.items() if not granted(let, "sns:Publish", arn)] == []
    # EventBridge names neither account nor source here, so a condition would swallow what it tells.
    assert [s for s in may[EVENTS] + lent.get(EVENTS, [{"Condition": "no right"}]) if s.get("Condition")] == []  # fmt: skip
    limits = [s["Condition"] for s in may[ALARMS]]
    assert {one["StringEquals"]["aws:SourceAccount"] for one in limits} == {account(planned)}
    sources = [text for one in limits for text in listed(one["ArnLike"]["aws:SourceArn"])]
    assert [alarm for alarm in watch.alarm_arns() if not covers(sources, alarm)] == []


@proves("MON-05.7")
def test_somebody_of_the_bank_listens_in_private(planned):
    ends = [(i.values["protocol"], i.values["endpoint"]) for i in planned.of("aws_sns_topic_subscription")]  # fmt: skip
    assert {end.startswith(PRIVATE.get(how, "never")) for how, end in ends} == {True}


@proves("MON-05.8")
def test_each_attack_moves_a_number_of_the_service_that_ordinary_calls_do_not(signals):
    usual = signals["ordinary"]
    assert [name for name in usual if "findings" in name or "refusals" in name] == []
    own = {name: "\n".join(sorted(signals[name] - usual)) for name in signals.marks}
    assert [name for name, mark in signals.marks.items() if mark not in own[name]] == []
