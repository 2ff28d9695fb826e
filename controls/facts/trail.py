"""The fact ``trail``: production's one audit trail, the buckets around it, and what would harm them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redoubt.infra.buckets import Bucket, buckets, doubled
from redoubt.infra.reading import Plan, Resource
from redoubt.proof import fact

# What stops, deletes or shortens a record, by what it is done to.
ANYWHERE = (
    "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail", "config:DeleteDeliveryChannel", "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
)  # fmt: skip
TO_A_GROUP = "logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:PutRetentionPolicy"
TO_THE_BUCKET = (
    "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration",
)  # fmt: skip
TO_AN_OBJECT = (
    "s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject",
    "s3:PutObjectRetention",
)  # fmt: skip


class Trail:
    """The trail of a plan: ``resource``, and ``kept``, the bucket that it delivers to."""

    def __init__(self, plan: Plan) -> None:
        (self.resource,) = plan.of("aws_cloudtrail")
        self.plan = plan
        self.buckets: dict[str, Bucket] = buckets(plan)
        self.kept = self.buckets[self.resource.values["s3_bucket_name"]]

    def doubled(self) -> list[str]:
        """Return the parts that a bucket has twice, of which the last one made would hold."""
        return doubled(self.plan)

    @property
    def log_bucket(self) -> Bucket:
        """Return the bucket of access logs: where the trail's own bucket writes them."""
        return self.buckets[self.kept.part("logging")["target_bucket"]]

    def asked(self) -> list[dict[str, Any]]:
        """Return of each selector of events: field -> {operator: values}."""
        return [
            {
                item["field"]: {how: values for how, values in item.items() if values and how != "field"}
                for item in selector["field_selector"]
            }
            for selector in self.resource.values["advanced_event_selector"]
        ]  # fmt: skip

    def groups(self) -> tuple[Resource, ...]:
        """Return the log groups that the trail writes to."""
        return self.plan.referred(self.resource, "cloud_watch_logs_group_arn")

    def deeds(self) -> Iterator[tuple[str, str]]:
        """Yield every (action, resource) that would stop, delete or shorten what is recorded."""
        bucket = f"arn:aws:s3:::{self.kept.name}"
        for name in self.plan.values("aws_cloudwatch_log_group", "name"):
            for action in TO_A_GROUP:
                yield action, f"arn:aws:logs:region:account:log-group:{name}"
        for actions, resource in (
            (ANYWHERE, "*"), (TO_THE_BUCKET, bucket), (TO_AN_OBJECT, f"{bucket}/object"),
        ):  # fmt: skip
            for action in actions:
                yield action, resource


@fact(reads=["platform/src/redoubt/infra/*.py"])
def trail(planned: Plan) -> Trail:
    return Trail(planned)
