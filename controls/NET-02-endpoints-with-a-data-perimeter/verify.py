"""Proves NET-02: AWS is reached by endpoints only, and each lets pass nothing but the bank's own."""

from redoubt.infra import endpoints
from redoubt.infra.policies import estate, perimeter
from redoubt.infra.rights import covers
from redoubt.infra.separation import given
from redoubt.infra.statements import Statement, actions, allows, principals
from redoubt.infra.storage import keys
from redoubt.proof import proves

# The private API's own: its callers come by it, no workload does.
INGRESS = {"execute-api"}
KEPT = "aws_ecr_repository_policy", "aws_backup_vault_policy", "aws_api_gateway_rest_api_policy"


def refuses(statement: Statement, ours: dict[str, str]) -> bool:
    """Say whether a statement refuses everybody else's organisation, but for AWS's own services."""
    asked = {test.removesuffix("IfExists"): keys for test, keys in (statement.get("Condition") or {}).items()}  # fmt: skip
    services = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    return (not allows(statement) and principals(statement) == ["*"]
            and asked in ({"StringNotEquals": ours}, {"StringNotEquals": ours} | services))  # fmt: skip


@proves("NET-02.1")
def test_there_is_an_endpoint_for_each_service_that_workloads_ask_and_no_other(planned):
    roles = endpoints.inside(planned)
    assert len(endpoints.made(planned)) == len(planned.of("aws_vpc_endpoint"))
    assert {role.module for role in roles} >= {"module.secrets.", "module.identity."}
    assert endpoints.made(planned).keys() - INGRESS == endpoints.asked(planned)
    assert [item.address for item in planned.like(r"aws_iam_\w*attachment\w*")] == []


@proves("NET-02.2")
def test_no_endpoint_has_the_policy_of_aws_and_each_statement_asks_for_the_organisation(
    planned, policies
):
    ends = planned.of("aws_vpc_endpoint")
    assert ends
    assert [item.address for item in ends if not item.policy()] == []
    assert [str(one) for one in perimeter.endpoints(policies)] == []
    assert [item.address for item in planned.of("aws_vpc_endpoint_policy")] == []


@proves("NET-02.3")
def test_endpoints_name_our_buckets_keys_and_account_and_aws_layers_to_read(planned):
    assert list(endpoints.strange(planned)) == []
    made = endpoints.made(planned)
    (use,) = made["kms"].policy()
    assert set(use["Resource"]) == keys(planned) != set()
    layers = [s for item in made.values() for s in item.policy() if s["Sid"] == endpoints.LAYERS]
    assert [(actions(s), s["Resource"]) for s in layers] == [
        (
            ["s3:GetObject"],
            [f"arn:aws:s3:::prod-{given(planned, 'region')}-starport-layer-bucket/*"],
        )
    ]


@proves("NET-02.4")
def test_names_of_aws_lead_to_the_endpoints_from_every_subnet(planned):
    made = endpoints.made(planned)
    assert [n for n, item in made.items() if item.values.get("private_dns_enabled") is not True] == ["s3"]  # fmt: skip
    assert [n for n, item in made.items() if n != "s3" and not item.has("security_group_ids")] == []
    tables = planned.referred(made["s3"], "route_table_ids")
    joined = [t for one in planned.of("aws_route_table_association") for t in planned.referred(one, "route_table_id")]  # fmt: skip
    assert len(joined) == len(planned.of("aws_subnet")) > 0
    assert [one.address for one in joined if one not in tables] == []


@proves("NET-02.5")
def test_buckets_images_backups_and_the_api_refuse_every_other_organisation(planned, policies):
    judged = estate.read(policies).guards
    assert set(planned.values("aws_s3_bucket", "bucket")) <= judged.keys()
    found = perimeter.buckets(policies)
    assert [str(one) for one in found if one.control == "NET-02"] == []
    ours = {"aws:PrincipalOrgID": given(planned, "organisation_id")}
    guarded = planned.of(*KEPT)
    assert {item.type for item in guarded} == set(KEPT)
    for item in guarded:
        let = {one for s in item.policy() if allows(s) for one in actions(s)}
        refused = [act for s in item.policy() if refuses(s, ours) for act in actions(s)]
        assert refused, item.address
        assert [one for one in let if not covers(refused, one)] == [], item.address
