"""Proves IAM-01: each role may do its cells of the access matrix, on named resources, and nothing else."""

from redoubt.infra import statements
from redoubt.infra.policies import ceiling, estate, findings, lint, matrix, trust
from redoubt.proof import proves

TASKS = ("sts:AssumeRole", "Service", "ecs-tasks.amazonaws.com")


@proves("IAM-01.1")
def test_every_policy_is_read_whole(planned, policies):
    assert statements.unread(planned) == []
    assert [str(one) for one in findings.unread(policies) if "has no" not in str(one)] == []


@proves("IAM-01.2")
def test_rights_come_from_a_roles_own_policy_under_the_boundary_alone(planned, policies):
    assert [str(one) for one in lint.strangers(planned)] == []
    roles = estate.read(policies).roles
    assert len(roles) > 20
    assert [name for name, role in roles.items() if not (role.boundary and role.identity)] == []
    assert len({role.boundary for role in roles.values()}) == 1
    # Said by name: what a reference makes of a role or a boundary is known to nobody before the apply.
    assert [
        p.address for p in planned.of("aws_iam_role_policy") if p.values.get("role") not in roles
    ] == []
    assert [
        r.address for r in planned.of("aws_iam_role") if not r.values.get("permissions_boundary")
    ] == []


@proves("IAM-01.3")
def test_no_policy_grants_by_a_wildcard_or_on_unnamed_resources(planned):
    assert len(list(lint.documents(planned))) > 2 * len(planned.of("aws_iam_role"))
    assert [str(one) for one in lint.wide(planned)] == []


@proves("IAM-01.4")
def test_each_role_may_do_what_its_cells_say(policies, access):
    assert len([one for one in matrix.cells(access, "production") if one.may]) > 200
    assert [str(one) for one in findings.access(policies, access, may=True)] == []


@proves("IAM-01.5")
def test_each_role_is_refused_what_others_may(policies, access):
    cells = matrix.cells(access, "production")
    somebody = {(one.action, one.kind) for one in cells if one.may}
    assert [one for one in cells if (one.action, one.kind) not in somebody] == []
    assert [str(one) for one in findings.access(policies, access, may=False)] == []


@proves("IAM-01.6")
def test_some_things_hold_whatever_the_matrix_says(reviewed):
    assert list(reviewed.wrong()) == []
    assert list(reviewed.others()) == []


@proves("IAM-01.7")
def test_a_call_of_another_kind_is_refused(policies, access):
    assert [str(one) for one in findings.beside(policies, access)] == []


@proves("IAM-01.8")
def test_no_policy_carries_a_role_beyond_its_boundary(policies):
    assert [str(one) for one in ceiling.capped(policies)] == []


@proves("IAM-01.9")
def test_a_role_is_taken_by_its_service_for_this_account_only(policies, access):
    assert [str(one) for one in trust.trusts(policies) if one.control == "IAM-01"] == []
    assert [str(one) for one in trust.confused(policies)] == []
    taken = {function: trust.takers(role) for function, role in estate.read(policies).functions()}
    assert [role for role, entry in access["roles"].items()
            if (entry["is"] == "task") is not (taken[role] == {TASKS})] == []  # fmt: skip
    assert [(role, who) for role, whom in taken.items() for who in whom
            if who[1] != "Service" and role not in access["roles"]] == []  # fmt: skip
