"""The fact ``watch``: who of production's plan hears of an event: alarms on the trail, and rules on the bus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from redoubt.infra import events, filters
from redoubt.infra.reading import Plan, Resource
from redoubt.infra.rights import granted
from redoubt.infra.separation import account, begins, given
from redoubt.infra.statements import Statement, allows, principals
from redoubt.proof import fact

QUICK = 300  # seconds in which an alarm has counted what happened
Event = Mapping[str, Any]


class Watch:
    """Filters, alarms, rules and topics of a plan, and what they do with an event."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def short(self, name: str) -> str:
        """Return a name without the prefix of project and environment."""
        return name.removeprefix(begins(self.plan, self.plan.environment))

    @cached_property
    def filters(self) -> dict[str, Resource]:
        """Return the platform's filters, by short name, that read where the trail writes."""
        (trail,) = self.plan.of("aws_cloudtrail")
        (group,) = self.plan.referred(trail, "cloud_watch_logs_group_arn")
        return {
            self.short(item.values["name"]): item
            for item in self.plan.of("aws_cloudwatch_log_metric_filter")
            if item.module == trail.module and item.values["log_group_name"] == group.values["name"]
        }

    @cached_property
    def heard(self) -> dict[str, Resource]:
        """Return the topics that somebody listens to, by ARN."""
        told = {
            topic.address: topic
            for listener in self.plan.of("aws_sns_topic_subscription")
            if not listener.values.get("filter_policy")
            for topic in self.plan.referred(listener, "topic_arn")
        }
        return {self._arn("sns", topic.values["name"]): topic for topic in told.values()}

    def rung(self, event: Event, times: int = 1) -> dict[str, str]:
        """Return short name -> text of each alarm that somebody hears within five minutes.

        The event stands in the trail ``times`` times, all at once.
        """
        counted = {
            (one["namespace"], one["name"]): float(one["value"]) * times
            for item in self.filters.values()
            if filters.matches(item.values["pattern"], event)
            for one in item.values["metric_transformation"]
            if not one.get("dimensions")
        }
        return {
            self.short(alarm.values["alarm_name"]): alarm.values["alarm_description"] or ""
            for alarm in self.plan.of("aws_cloudwatch_metric_alarm")
            if _rings(alarm.values, counted) and self._is_heard(alarm, "alarm_actions")
        }

    def told(self, event: Event) -> set[str]:
        """Return the short names of the rules by which somebody is told of an event."""
        targets = {
            item.values["rule"]
            for item in self.plan.of("aws_cloudwatch_event_target")
            if self._is_heard(item, "arn") and _on_the_bus(item)
        }
        return {
            self.short(rule.values["name"])
            for rule in self.plan.of("aws_cloudwatch_event_rule")
            if rule.values["name"] in targets
            and rule.values["state"] in (None, "ENABLED")
            and rule.values.get("is_enabled") is not False
            and _on_the_bus(rule)
            and events.matches(json.loads(rule.values["event_pattern"]), event)
        }

    def _is_heard(self, item: Resource, name: str) -> bool:
        """Say whether an attribute names a topic that somebody listens to.

        By its ARN alone: what refers to a topic may still make another one of it.
        """
        value = item.values.get(name) or []
        known = {value} if isinstance(value, str) else set(value)
        return bool(known & self.heard.keys())

    def fields(self) -> set[str]:
        """Return the fields of an event that the filters ask."""
        return {
            field for item in self.filters.values()
            for field in re.findall(r"\$(?:\.[\w-]+)+", item.values["pattern"])
        }  # fmt: skip

    def refusals(self, topic: Resource) -> list[Any]:
        """Return the condition of each statement by which a topic's policy refuses somebody."""
        return [
            statement.get("Condition")
            for item in self.plan.of("aws_sns_topic_policy")
            if topic in self.plan.referred(item, "arn")
            for statement in item.policy() if not allows(statement)
        ]  # fmt: skip

    def publishers(self, topic: Resource) -> dict[str, list[Statement]]:
        """Return who may publish to a topic -> the statements of its policy that let him."""
        policies = [item for item in self.plan.of("aws_sns_topic_policy")
                    if topic in self.plan.referred(item, "arn")]  # fmt: skip
        found: dict[str, list[Statement]] = {}
        for statement in (s for item in policies for s in item.policy() if allows(s)):
            for who in principals(statement):
                found.setdefault(who, []).append(statement)
        return found

    def lent(self, topic: Resource) -> dict[str, list[Statement]]:
        """Return who may write under a topic's key -> the statements of the key that let him."""
        purpose = str(topic.values["kms_master_key_id"]).rpartition("/")[2]
        (key,) = (k for k in self.plan.of("aws_kms_key") if k.address.endswith(f'["{purpose}"]'))
        found: dict[str, list[Statement]] = {}
        for statement in key.policy():
            if all(granted([statement], f"kms:{deed}", "*") for deed in ("Decrypt", "GenerateDataKey")):  # fmt: skip
                for who in principals(statement):
                    found.setdefault(who, []).append(statement)
        return found

    def alarm_arns(self) -> list[str]:
        """Return the ARN of every alarm of the plan."""
        return [self._arn("cloudwatch", f"alarm:{name}")
                for name in self.plan.values("aws_cloudwatch_metric_alarm", "alarm_name")]  # fmt: skip

    def silencings(self) -> Iterator[tuple[str, str]]:
        """Yield every (action, resource) after which somebody would not hear what he hears now."""
        for arn in self.alarm_arns():
            for action in ("DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"):
                yield f"cloudwatch:{action}", arn
        for name in self.plan.values("aws_cloudwatch_event_rule", "name"):
            for action in ("DeleteRule", "DisableRule", "RemoveTargets"):
                yield f"events:{action}", self._arn("events", f"rule/{name}")
        for arn in self.heard:
            yield from (("sns:DeleteTopic", arn), ("sns:Unsubscribe", f"{arn}:one"))
            yield from (("sns:SetSubscriptionAttributes", arn), ("sns:SetTopicAttributes", arn))
        for name in {item.values["log_group_name"] for item in self.filters.values()}:
            for action in ("DeleteMetricFilter", "PutMetricFilter"):
                yield f"logs:{action}", self._arn("logs", f"log-group:{name}")
        yield "config:DeleteConfigRule", self._arn("config", "config-rule/one")
        yield "config:StopConfigurationRecorder", "*"
        yield "config:PutConfigurationRecorder", "*"
        for action in ("CreateFilter", "DeleteDetector", "UpdateDetector"):
            yield f"guardduty:{action}", self._arn("guardduty", "detector/one")

    def _arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:{given(self.plan, 'region')}:{account(self.plan)}:{name}"


def _on_the_bus(item: Resource) -> bool:
    """Say whether a rule or target is on the bus that AWS's own events come by."""
    return (item.values.get("event_bus_name") or "default") == "default"


def _rings(alarm: Mapping[str, Any], counted: Mapping[tuple[str, str], float]) -> bool:
    """Say whether an alarm goes off by itself when its metric was just counted that often."""
    total = counted.get((alarm["namespace"], alarm["metric_name"]), 0.0)
    return (
        alarm["statistic"] == "Sum"
        and alarm["comparison_operator"] == "GreaterThanOrEqualToThreshold"
        and alarm["period"] * alarm["evaluation_periods"] <= QUICK
        and alarm["actions_enabled"] is not False
        # An alarm of a dimension or unit looks at numbers that nobody counts; one that holds missing data for bad,
        # or keeps its state meanwhile, stands for ever and tells once.
        and not alarm.get("dimensions")
        and not alarm.get("unit")
        and alarm["treat_missing_data"] in (None, "missing", "notBreaching")
        and total >= alarm["threshold"] > 0
    )


@fact(reads=["platform/src/redoubt/infra/*.py"])
def watch(planned: Plan) -> Watch:
    return Watch(planned)
