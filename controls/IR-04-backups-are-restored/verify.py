"""Proves IR-04: what must come back is in the backup set, out of reach, and restored for a test."""

import re

from redoubt.infra.buckets import buckets, doubled
from redoubt.infra.rights import refused
from redoubt.infra.statements import principals
from redoubt.proof import proves

CLASSES = "artefacts", "protected", "trusted"
DAILY = re.compile(r"cron\(\d+ \d+ [*?] \* [*?] \*\)")
MONTHLY = re.compile(r"cron\(\d+ \d+ (\d+|[*?]) \* \S+ \*\)")
DESTROY = "DeleteBackupVault", "DeleteBackupVaultLockConfiguration", "DeleteRecoveryPoint", "UpdateRecoveryPointLifecycle"  # fmt: skip
TOLD = {"Backup": "state", "Copy": "state", "Restore": "status"}  # and where each says how it ended
MONTH = 35  # days


@proves("IR-04.1")
def test_the_set_is_data_models_and_databases_and_its_role_reads_every_version(backups):
    stored = {arn for c in CLASSES for arn in backups.bucket_arns if f"-{c}-" in arn}
    assert len(stored) == len(CLASSES)
    assert backups.kept == stored | set(backups.database_arns)
    assert backups.database_arns
    unread = [(arn, action) for arn in stored for action in ("s3:GetObject", "s3:GetObjectVersion")
              if not backups.may(action, f"{arn}/any")]  # fmt: skip
    assert unread == []
    assert [a for a in backups.database_arns if not backups.may("rds:CreateDBSnapshot", a)] == []  # fmt: skip


@proves("IR-04.2")
def test_each_bucket_of_the_set_keeps_every_version(planned, backups):
    found = [one for name, one in buckets(planned).items() if f"arn:aws:s3:::{name}" in backups.kept]  # fmt: skip
    assert found
    assert doubled(planned) == []
    status = {one.name: one.part("versioning")["versioning_configuration"][0]["status"] for one in found}  # fmt: skip
    assert {name: is_now for name, is_now in status.items() if is_now != "Enabled"} == {}


@proves("IR-04.3")
def test_the_secrets_store_writes_its_snapshots_into_a_bucket_of_the_set(backups):
    places = {place.partition("/")[0] for place in backups.snapshots}
    assert places
    assert places <= backups.kept


@proves("IR-04.4")
def test_a_backup_is_made_daily_kept_and_copied_away(backups):
    rules = backups.rules
    assert {rule["target_vault_name"] for rule in rules} == set(backups.plan.values("aws_backup_vault", "name"))  # fmt: skip
    daily = [rule for rule in rules if DAILY.fullmatch(rule["schedule"])]
    assert [rule["lifecycle"][0]["delete_after"] for rule in daily if rule["lifecycle"][0]["delete_after"] >= MONTH]  # fmt: skip
    assert [rule["rule_name"] for rule in rules if not rule["copy_action"]] == []
    copies = [copy["destination_vault_arn"] for rule in rules for copy in rule["copy_action"]]
    assert [arn for arn in copies if tuple(arn.split(":")[3:5]) == backups.here] == []


@proves("IR-04.5")
def test_the_vault_is_encrypted_locked_for_good_and_refuses_destruction(planned):
    (vault,), (lock,), (policy,) = (planned.of(f"aws_backup_vault{kind}") for kind in ("", "_lock_configuration", "_policy"))  # fmt: skip
    assert vault.has("kms_key_arn")
    assert lock.values["backup_vault_name"] == policy.values["backup_vault_name"] == vault.values["name"]  # fmt: skip
    assert lock.values["min_retention_days"] >= MONTH
    assert 3 <= (lock.values["changeable_for_days"] or 0) <= MONTH
    everybody = [s for s in policy.policy() if principals(s) == ["*"]]
    assert [name for name in DESTROY if not refused(everybody, f"backup:{name}", "*")] == []


@proves("IR-04.6")
def test_each_kind_is_restored_monthly(planned, backups):
    (test,) = planned.of("aws_backup_restore_testing_plan")
    assert MONTHLY.fullmatch(test.values["schedule_expression"])
    assert planned.referred(test, "recovery_point_selection") == planned.of("aws_backup_vault")
    assert test.values["recovery_point_selection"][0]["recovery_point_types"] == ["SNAPSHOT"]
    assert "exclude_vaults" not in test.expressions["recovery_point_selection"][0]
    chosen = [one.values for one in planned.of("aws_backup_restore_testing_selection")]
    assert {one["protected_resource_type"] for one in chosen} == {"RDS", "S3"}
    assert {arn for one in chosen for arn in one["protected_resource_arns"]} <= backups.kept
    assert [one["name"] for one in chosen if not one["protected_resource_arns"] or one.get("protected_resource_conditions")] == []  # fmt: skip
    public = [one["restore_metadata_overrides"].get("publiclyAccessible") for one in chosen if one["protected_resource_type"] == "RDS"]  # fmt: skip
    assert public == ["false"]


@proves("IR-04.6")
def test_a_backup_copy_or_restore_that_failed_is_told(watch):
    for job, key in TOLD.items():
        event = {"source": "aws.backup", "detail-type": f"{job} Job State Change"}
        told = [watch.told(event | {"detail": {key: end}}) for end in ("ABORTED", "FAILED", "COMPLETED")]  # fmt: skip
        assert told == [{"backup-failure"}, {"backup-failure"}, set()], job
