"""Proves IAM-03: pipelines get an hour's credentials for one repository and environment, and no key lasts."""

import re

from redoubt.infra.policies import estate, trust
from redoubt.proof import proves

LASTING = (r"aws_iam_(user\w*|access_key|group\w*|service_specific_credential|signing_certificate|virtual_mfa_device)"
           r"|aws_(rolesanywhere|transfer_user|cognito|ssm_activation|iot_|key_pair|mq_user|lightsail_)\w*")  # fmt: skip
TOKEN = "sts:AssumeRoleWithWebIdentity"
OTHERS = {"sts:AssumeRole", "sts:AssumeRoleWithSAML"}


@proves("IAM-03.1")
def test_nobody_holds_a_credential_that_lasts(planned, resource_types):
    assert planned.of("aws_iam_role")
    assert "aws_iam_role" in resource_types
    assert [item.address for item in planned.like(LASTING)] == []
    assert sorted(kind for kind in resource_types if re.fullmatch(LASTING, kind)) == []


@proves("IAM-03.2")
def test_each_pipelines_role_is_held_to_one_exact_subject_and_audience(policies, access, pipelines):
    assert {role for role, entry in access["roles"].items() if entry["is"] == "pipeline"} == set(pipelines.places)  # fmt: skip
    assert [str(one) for one in trust.trusts(policies) if one.control == "IAM-03"] == []
    for function, role in estate.read(policies).functions():
        if function in pipelines.places:
            assert trust.takers(role) == {(TOKEN, "Federated", pipelines.provider)}, function
        else:
            assert [who for who in trust.takers(role) if who[0] not in OTHERS] == [], function


@proves("IAM-03.3")
def test_the_right_run_is_let_in_and_every_other_is_refused(pipelines):
    for role in pipelines.places:
        assert pipelines.take(role) == "allow", role
        strangers = list(pipelines.strangers(role))
        assert len(strangers) >= 16
        assert [one for one in strangers if pipelines.take(role, sub=one) != "deny"] == [], role


@proves("IAM-03.4")
def test_another_audience_or_issuer_is_refused(pipelines):
    audiences = ("", "x", f"{pipelines.audience}.cn", "https://github.com/stranger")
    providers = (f"{pipelines.provider}x", f"{pipelines.provider}/x", "cognito-identity.amazonaws.com",
                 f"arn:aws:iam::000000000000:oidc-provider/{pipelines.issuer}")  # fmt: skip
    for role in pipelines.places:
        assert pipelines.take(role) == "allow", role
        assert {pipelines.take(role, aud=one) for one in audiences} == {"deny"}, role
        assert {pipelines.take(role, provider=one) for one in providers} == {"deny"}, role


@proves("IAM-03.5")
def test_a_token_is_for_one_audience_and_buys_an_hour(planned, pipelines):
    (provider,) = planned.of("aws_iam_openid_connect_provider")
    assert provider.values["client_id_list"] == [pipelines.audience]
    assert provider.values["url"] == f"https://{pipelines.issuer}"
    lasts = {item.values["name"].rpartition("-")[2]: item.values["max_session_duration"]
             for item in planned.of("aws_iam_role")}  # fmt: skip
    assert [(role, lasts[role]) for role in pipelines.places if lasts[role] != 3600] == []
