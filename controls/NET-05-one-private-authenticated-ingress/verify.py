"""Proves NET-05: predictions are asked for through one private gateway, and nothing else listens."""

import json
import re

from redoubt.infra.reading import named
from redoubt.infra.separation import given
from redoubt.infra.statements import actions, allows, listed, principals
from redoubt.proof import proves

# What would be a second way to a prediction, or a door of its own to the internet.
DOORS = (r"aws_(apigatewayv2_\w+|api_gateway_(domain|base)\w+|lambda_function_url|cloudfront_\w+|elb"
         r"|globalaccelerator_\w+|apprunner_\w+|alb_listener|vpc_endpoint_service|vpclattice_\w+)")  # fmt: skip
MANAGED = {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}
SAID = {"requestId", "time", "caller", "address", "endpoint", "method", "route", "status", "waf"}
ENDPOINTS = {"vpce-execute-api"}
# What would take a rule's action back, or keep it from requests.
ACTS = ("rule_action_override", "scope_down_statement")
FLOW = re.compile(
    r'module\.network\[0\]\.aws_vpc_security_group_ingress_rule\.(from_group|from_bank)\["[\w-]+"\]'
)
ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[^*]+")


@proves("NET-05.1")
def test_the_gateway_is_private_and_its_policy_names_endpoint_organisation_and_callers(planned):
    (api,) = planned.of("aws_api_gateway_rest_api")
    (kept,) = planned.of("aws_api_gateway_rest_api_policy")
    endpoint = api.values["endpoint_configuration"][0]
    assert (endpoint["types"], len(endpoint["vpc_endpoint_ids"])) == (["PRIVATE"], 1)
    # A definition of its own would bring methods that no other test looks at.
    assert (api.values["body"], "policy" in api.expressions) == (None, False)
    assert endpoint["vpc_endpoint_ids"][0] in ENDPOINTS | {(given(planned, "landing_zone").get("network") or {}).get("execute_api_endpoint_id")}  # fmt: skip
    callers = [one for s in kept.policy() if allows(s) for one in principals(s)]
    assert callers
    assert [one for one in callers if not ROLE.fullmatch(one)] == []
    (reached,) = {text for s in kept.policy() if allows(s) for text in listed(s["Resource"])}
    denied = [s["Condition"] for s in kept.policy() if s["Effect"] == "Deny"
              and principals(s) == ["*"] and actions(s) == ["execute-api:Invoke"] and listed(s["Resource"]) == [reached]]  # fmt: skip
    assert {"StringNotEquals": {"aws:SourceVpce": endpoint["vpc_endpoint_ids"][0]}} in denied
    assert {"StringNotEquals": {"aws:PrincipalOrgID": given(planned, "organisation_id")}} in denied


@proves("NET-05.2")
def test_every_method_wants_a_signature_and_hands_the_callers_token_on(planned):
    methods = planned.of("aws_api_gateway_method")
    assert methods
    assert [m.address for m in methods if m.values["authorization"] != "AWS_IAM"] == []
    wanted = [m.values["request_parameters"] or {} for m in methods]
    assert all(one.get("method.request.header.X-Redoubt-Authorization") for one in wanted)
    asked = planned.of("aws_api_gateway_integration")
    assert {(i.values["type"], i.values["connection_type"]) for i in asked} == {("HTTP_PROXY", "VPC_LINK")}  # fmt: skip
    host = f"https://{given(planned, 'hosts')['serving']}/"
    assert [i.address for i in asked if not i.values["uri"].startswith(host)] == []
    handed = [i.values["request_parameters"] for i in asked]
    token = "integration.request.header.Authorization"
    assert {one.get(token) for one in handed} == {"method.request.header.X-Redoubt-Authorization"}


@proves("NET-05.3")
def test_every_stage_is_throttled_and_writes_who_asked_for_what(planned):
    stages = planned.of("aws_api_gateway_stage")
    settings = planned.of("aws_api_gateway_method_settings")
    assert {one.values["method_path"] for one in settings} == {"*/*"}
    held = {stage.address for one in settings for stage in planned.referred(one, "stage_name")}
    assert held == {stage.address for stage in stages} != set()
    for limits in (one.values["settings"][0] for one in settings):
        assert 0 < limits["throttling_rate_limit"] <= 1000
        assert 0 < limits["throttling_burst_limit"] <= 2000
    for stage in stages:
        logs = planned.referred(stage, "access_log_settings")
        assert [log.type for log in logs] == ["aws_cloudwatch_log_group"], stage.address
        said = json.loads(stage.values["access_log_settings"][0]["format"])
        assert {name for name, value in said.items() if value.startswith("$context.")} >= SAID


@proves("NET-05.4")
def test_a_firewall_whose_rules_act_stands_before_every_stage(planned):
    walls = planned.of("aws_wafv2_web_acl_association")
    guarded = [stage for one in walls for stage in planned.referred(one, "resource_arn")]
    assert [i.address for i in planned.of("aws_api_gateway_stage") if i not in guarded] == []
    for rules in planned.values("aws_wafv2_web_acl", "rule"):
        acts = {one["name"]: (one["override_action"] or one["action"])[0] for one in rules}
        assert acts.keys() >= MANAGED
        assert [n for n, does in acts.items() if not (does.get("none") or does.get("block"))] == []
        assert [
            name for name in ACTS for _, found in named(rules, frozenset({name})) if found
        ] == []
        (least,) = (r for one in rules for r in one["statement"][0]["rate_based_statement"])
        assert 0 < least["limit"] <= 100_000


@proves("NET-05.5")
def test_only_the_gateways_balancer_reaches_the_service_and_nobody_enters_that_balancer(planned):
    (service,) = [s for s in planned.of("aws_ecs_service") if s.module == "module.serving."]
    (group,) = planned.referred(service, "load_balancer")
    listeners = planned.of("aws_lb_listener")
    assert [group in planned.referred(one, "default_action") for one in listeners].count(True) == 1
    rules = [i.address for i in planned.of("aws_vpc_security_group_ingress_rule")]
    # A rule that is no flow of network.tf names its group in a way that this plan cannot follow.
    assert [address for address in rules if not FLOW.fullmatch(address)] == []
    inwards = [
        name for one in rules if re.search(r"-to-serving(-balancer)?-\d", name := one.split('"')[1])
    ]
    assert inwards == ["serving-balancer-to-serving-8443"]


@proves("NET-05.6")
def test_nothing_else_listens(planned):
    assert [item.address for item in planned.like(DOORS)] == []
    listeners = planned.of("aws_lb_listener")
    balancers = [b for one in listeners for b in planned.referred(one, "load_balancer_arn")]
    assert len(balancers) == len(listeners) > 0
    assert [b.address for b in balancers if b.values["internal"] is not True] == []
