"""Proves MON-02: what happens is recorded whole, and nobody of the project can delete or shorten it."""

from redoubt.infra.rights import granted, refused
from redoubt.infra.statements import actions, allows, principals
from redoubt.proof import proves

ON = (
    "enable_log_file_validation", "enable_logging", "include_global_service_events",
    "is_multi_region_trail",
)  # fmt: skip
WRITERS = {"cloudtrail.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com",
           "logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com"}  # fmt: skip
WRITE = {"s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"}
DELETE = "s3:DeleteObject", "s3:DeleteObjectVersion"
UNLOCK = "s3:BypassGovernanceRetention"


@proves("MON-02.1")
def test_one_trail_of_every_region_is_on_validated_and_encrypted(trail):
    assert [name for name in ON if trail.resource.values[name] is not True] == []
    assert ":key/" in trail.resource.values["kms_key_id"]


@proves("MON-02.2")
def test_no_call_is_left_out_and_every_object_of_models_and_data_is_watched(trail):
    asked = trail.asked()
    assert {"eventCategory": {"equals": ["Management"]}} in asked
    found = [item.pop("resources.ARN", {}) for item in asked]
    objects = {"eventCategory": {"equals": ["Data"]}, "resources.type": {"equals": ["AWS::S3::Object"]}}  # fmt: skip
    watched = [arn for item, arns in zip(asked, found, strict=True) if item == objects and arns.keys() == {"starts_with"} for arn in arns["starts_with"]]  # fmt: skip
    ours = trail.buckets.keys() - {trail.kept.name, trail.log_bucket.name}
    assert [name for name in sorted(ours) if f"arn:aws:s3:::{name}/" not in watched] == []


@proves("MON-02.3")
def test_flow_logs_record_all_traffic_and_events_are_kept_for_a_year(planned, trail):
    (flows,) = planned.of("aws_flow_log")
    assert planned.referred(flows, "vpc_id") == planned.of("aws_vpc")
    assert (flows.values["traffic_type"], flows.values.get("log_format")) == ("ALL", None)
    groups = planned.referred(flows, "log_destination") + trail.groups()
    good = [g for g in groups if g.values["retention_in_days"] >= 365 and g.has("kms_key_id")]
    assert len(good) == len(groups) == 2


@proves("MON-02.4")
def test_the_trails_bucket_is_locked_for_as_long_as_the_table_says(planned, trail):
    assert trail.kept.lock() == (
        "COMPLIANCE",
        days := planned.raw["variables"]["retention"]["value"]["audit"],
    )
    assert trail.kept.part("versioning")["versioning_configuration"][0]["status"] == "Enabled"
    assert [found for found, _ in trail.kept.lives() if found < days] == []
    assert trail.doubled() == []


@proves("MON-02.5")
def test_the_floors_are_those_of_security_and_the_table_is_not_shorter(planned, floors):
    assert floors.moved("MON-02") == []
    table = planned.raw["variables"]["retention"]["value"]
    least = {n: floors.held["MON-02"][f"storage.{n}"][-1] for n in ("access-logs", "audit")}
    assert [name for name, days in least.items() if table[name] < days] == []


@proves("MON-02.6")
def test_every_role_is_under_a_boundary_that_refuses_to_stop_delete_or_shorten(planned, trail):
    roles = planned.of("aws_iam_role")
    assert [role.address for role in roles if not role.has("permissions_boundary")] == []
    (boundary,) = planned.of("aws_iam_policy")
    assert [deed for deed in trail.deeds() if not refused(boundary.policy(), *deed)] == []


@proves("MON-02.7")
def test_no_policy_of_a_role_grants_it(planned, trail):
    own = {item.address: item.policy() for item in planned.of("aws_iam_role_policy")}
    assert [address for address, statements in own.items() if not statements] == []
    assert [(a, d) for a, statements in own.items() for d in trail.deeds() if granted(statements, *d)] == []  # fmt: skip


@proves("MON-02.8")
def test_audit_and_access_log_bucket_refuse_deletion_and_let_services_only_write(trail):
    for bucket, names in (trail.kept, (*DELETE, UNLOCK)), (trail.log_bucket, DELETE):
        everybody = [s for s in bucket.statements() if principals(s) == ["*"]]
        assert [n for n in names if not refused(everybody, n, f"arn:aws:s3:::{bucket.name}/a")] == []  # fmt: skip
        let = [s for s in bucket.statements() if allows(s)]
        assert {who for s in let for who in principals(s)} <= WRITERS
        assert {name for s in let for name in actions(s)} <= WRITE


@proves("MON-02.9")
def test_every_bucket_writes_who_asked_for_what(trail):
    kept = {name: one.part("logging").get("target_bucket") for name, one in trail.buckets.items()}
    target = kept[trail.kept.name]
    assert [(name, where) for name, where in kept.items() if where != target] == [(target, None)]
