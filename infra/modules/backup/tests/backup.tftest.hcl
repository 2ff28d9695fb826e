# Backups are made daily, copied away, locked, and restored every month; nobody destroys one.
mock_provider "aws" {
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:pd-prod-main" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/pd-prod-backup" }
  }
}

variables {
  prefix                   = "pd-prod"
  environment              = "production"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  organisation_id          = "o-abcdefghij"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  key_arn                  = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  source_key_arns          = ["arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000002"]
  copy_vault_arn           = "arn:aws:backup:eu-central-1:210987654321:backup-vault:bank-copies"
  resource_arns = {
    artefacts = "arn:aws:s3:::pd-prod-artefacts-123456789012"
    tracking  = "arn:aws:rds:eu-central-1:123456789012:db:pd-prod-tracking"
  }
  restore = {
    kinds = {
      RDS = { arns = ["arn:aws:rds:eu-central-1:123456789012:db:pd-prod-tracking"], metadata = { dbSubnetGroupName = "pd-prod-tracking" } }
      S3  = { arns = ["arn:aws:s3:::pd-prod-artefacts-123456789012"] }
    }
  }
}

run "plan_correct" {
  command = plan
  assert {
    condition     = { for r in aws_backup_plan.this.rule : r.rule_name => r.lifecycle[0].delete_after } == { daily = 35, monthly = 365 }
    error_message = "Backups stay as long as the rules say."
  }
  assert {
    condition     = alltrue([for r in aws_backup_plan.this.rule : one(r.copy_action).destination_vault_arn == var.copy_vault_arn && one(r.copy_action).lifecycle[0].delete_after == r.lifecycle[0].delete_after])
    error_message = "Every backup is copied away and its copy stays as long."
  }
  assert {
    condition     = aws_backup_selection.named.resources == toset(values(var.resource_arns))
    error_message = "What is named is backed up whatever tag it carries."
  }
  assert {
    condition     = one(aws_backup_selection.tagged.selection_tag).key == "backup" && one(aws_backup_selection.tagged.selection_tag).value == "daily"
    error_message = "What carries the tag is backed up."
  }
}

run "vault_correct" {
  command = plan
  assert {
    condition     = aws_backup_vault.this.kms_key_arn == var.key_arn
    error_message = "The vault is sealed with the project's key."
  }
  assert {
    condition     = aws_backup_vault_lock_configuration.this.changeable_for_days == 3 && aws_backup_vault_lock_configuration.this.min_retention_days == 35
    error_message = "In production the lock is in compliance mode after its grace."
  }
  assert {
    condition = one([for s in jsondecode(aws_backup_vault_policy.this.policy).Statement : length(setsubtract(
      ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DeleteBackupVault", "backup:DeleteBackupVaultLockConfiguration"], s.Action
    )) == 0 && s.Principal == { AWS = "*" } && s.Effect == "Deny" if s.Sid == "NobodyDestroys"])
    error_message = "Nobody deletes or shortens a backup."
  }
  assert {
    condition     = one([for s in jsondecode(aws_backup_vault_policy.this.policy).Statement : s.Condition.StringNotEqualsIfExists["aws:PrincipalOrgID"] if s.Sid == "OrganisationOnly"]) == "o-abcdefghij"
    error_message = "Nobody outside the organisation copies or restores."
  }
}

run "development_lock_correct" {
  command = plan
  variables {
    environment = "development"
    lock        = { min_days = 1 }
    rules       = { daily = { schedule = "cron(0 1 * * ? *)", keep_days = 1 } }
  }
  assert {
    condition     = aws_backup_vault_lock_configuration.this.changeable_for_days == null
    error_message = "Outside production the lock can be lifted by who may."
  }
}

run "restore_correct" {
  assert {
    condition     = toset(keys(aws_backup_restore_testing_selection.this)) == toset(["RDS", "S3"])
    error_message = "Each kind is restored."
  }
  assert {
    condition     = aws_backup_restore_testing_selection.this["RDS"].restore_metadata_overrides == tomap({ dbSubnetGroupName = "pd-prod-tracking", publiclyAccessible = "false" })
    error_message = "A restored database is private."
  }
  assert {
    condition     = one(aws_backup_restore_testing_plan.this.recovery_point_selection).include_vaults == toset([aws_backup_vault.this.arn])
    error_message = "What is restored comes from this vault."
  }
}

run "roles_correct" {
  assert {
    condition     = aws_iam_role.backup.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.restore.permissions_boundary == var.permissions_boundary_arn
    error_message = "Both roles stand under the boundary."
  }
  assert {
    condition = alltrue([for r in [aws_iam_role.backup, aws_iam_role.restore] : jsondecode(r.assume_role_policy).Statement == [{
      Effect    = "Allow", Principal = { Service = "backup.amazonaws.com" }, Action = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]])
    error_message = "AWS Backup takes the roles for this account only."
  }
  assert {
    condition     = alltrue(flatten([for p in [aws_iam_role_policy.backup, aws_iam_role_policy.restore] : [for s in jsondecode(p.policy).Statement : [for a in s.Action : !strcontains(a, "*")]]]))
    error_message = "No action may hold a wildcard."
  }
  assert {
    condition     = [for s in concat(jsondecode(aws_iam_role_policy.backup.policy).Statement, jsondecode(aws_iam_role_policy.restore.policy).Statement) : s.Sid if s.Resource == "*"] == ["Look"]
    error_message = "Only lists name every resource."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.backup.policy).Statement : s.Resource if s.Sid == "ReadObjects"]) == ["arn:aws:s3:::pd-prod-artefacts-123456789012/*"]
    error_message = "Objects are read in the buckets that are backed up."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.backup.policy).Statement : s.Resource if contains(s.Action, "rds:DeleteDBSnapshot")]) == ["arn:aws:rds:eu-central-1:123456789012:snapshot:awsbackup:*"]
    error_message = "The role deletes its own snapshots only."
  }
  assert {
    condition = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.restore.policy).Statement : [
      for r in s.Resource : strcontains(r, "awsbackup-restore-test-")
    ] if contains(["RestoreBuckets", "RestoreObjects"], s.Sid)]))
    error_message = "A restore writes into buckets of the test only."
  }
}

run "copy_beside_original_incorrect" {
  command = plan
  variables {
    copy_vault_arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:beside"
  }
  expect_failures = [var.copy_vault_arn]
}

run "lock_too_short_incorrect" {
  command = plan
  variables {
    lock = { min_days = 7 }
  }
  expect_failures = [var.lock]
}

run "grace_too_short_incorrect" {
  command = plan
  variables {
    lock = { grace_days = 1 }
  }
  expect_failures = [var.lock]
}

run "keeps_shorter_than_lock_incorrect" {
  command = plan
  variables {
    rules = { daily = { schedule = "cron(0 1 * * ? *)", keep_days = 30 } }
  }
  expect_failures = [var.rules]
}

run "never_daily_incorrect" {
  command = plan
  variables {
    rules = { monthly = { schedule = "cron(0 2 1 * ? *)", keep_days = 365 } }
  }
  expect_failures = [var.rules]
}

run "never_restored_incorrect" {
  command = plan
  variables {
    restore = { kinds = {} }
  }
  expect_failures = [var.restore]
}

run "restores_what_is_not_backed_up_incorrect" {
  command = plan
  variables {
    restore = { kinds = { S3 = { arns = ["arn:aws:s3:::other"] } } }
  }
  expect_failures = [var.restore]
}

run "restores_in_public_incorrect" {
  command = plan
  variables {
    restore = { kinds = { RDS = { arns = ["arn:aws:rds:eu-central-1:123456789012:db:pd-prod-tracking"], metadata = { publiclyAccessible = "true" } } } }
  }
  expect_failures = [var.restore]
}

run "resource_wildcard_incorrect" {
  command = plan
  variables {
    resource_arns = { all = "arn:aws:s3:::*" }
  }
  expect_failures = [var.resource_arns]
}

run "key_alias_incorrect" {
  command = plan
  variables {
    key_arn = "arn:aws:kms:eu-central-1:123456789012:alias/backup"
  }
  expect_failures = [var.key_arn]
}
