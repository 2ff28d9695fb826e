"""Proves DAT-08: what is planned to be kept ends when the retention table says, and not later."""

from redoubt.infra.buckets import buckets, doubled
from redoubt.proof import proves

LINGER = 30  # days in which a deletion by mistake can be undone


@proves("DAT-08.1")
def test_each_class_of_the_table_expires_after_its_days_and_nothing_lives_for_ever(planned_all):
    for plan in planned_all:
        given = {name: one["value"] for name, one in plan.raw["variables"].items()}
        table, account = given["retention"], given["accounts"][plan.environment]
        lives = {name: one.lives() for name, one in buckets(plan).items()}
        names = {name: c for name in lives for c in table if name.endswith(f"-{c}-{account}")}
        assert sorted(names.values()) == sorted(table), plan.environment
        assert {c: lives[name] for name, c in names.items()} == {c: {(days, True)} for c, days in table.items()}  # fmt: skip
        longest = max(table.values())
        endless = [name for name in lives.keys() - names if not any(whole and days <= longest for days, whole in lives[name])]  # fmt: skip
        assert endless == doubled(plan) == [], plan.environment


@proves("DAT-08.2")
def test_an_expired_or_replaced_version_is_gone_within_thirty_days(planned):
    lingers = {name: one.lingers() for name, one in buckets(planned).items()}
    assert lingers
    assert {name: days for name, days in lingers.items() if not days or max(days) > LINGER} == {}


@proves("DAT-08.3")
def test_the_floors_are_those_of_security_and_the_table_is_not_shorter(planned, floors):
    assert floors.moved("DAT-08") == []
    table = planned.raw["variables"]["retention"]["value"]
    least = {name.removeprefix("storage."): row[-1] for name, row in floors.held["DAT-08"].items()}
    assert [name for name, days in least.items() if table[name] < days] == []


@proves("DAT-08.4")
def test_every_log_group_ends_its_events_after_the_days_given(planned):
    days = planned.raw["variables"]["log_retention_days"]["value"]
    groups = planned.of("aws_cloudwatch_log_group")
    assert groups
    assert [g.address for g in groups if g.values["retention_in_days"] != days] == []


@proves("DAT-08.5")
def test_every_backup_and_its_copy_end_by_themselves_at_once(planned):
    (lock,) = planned.of("aws_backup_vault_lock_configuration")
    least, most = lock.values["min_retention_days"], lock.values["max_retention_days"]
    rules = [rule for plan in planned.of("aws_backup_plan") for rule in plan.values["rule"]]
    assert rules
    for rule in rules:
        days = rule["lifecycle"][0]["delete_after"]
        assert least <= days <= most, rule["rule_name"]
        copies = [one["lifecycle"][0]["delete_after"] for one in rule["copy_action"]]
        assert copies == [days], rule["rule_name"]
