# Each class of data has its bucket, key, lock and retention.
mock_provider "aws" {}

variables {
  prefix          = "pd-prod"
  environment     = "production"
  account_id      = "123456789012"
  region          = "eu-central-1"
  organisation_id = "o-a1b2c3d4e5"
  key_arns = {
    raw       = "arn:aws:kms:eu-central-1:123456789012:key/data"
    trusted   = "arn:aws:kms:eu-central-1:123456789012:key/data"
    protected = "arn:aws:kms:eu-central-1:123456789012:key/protected"
    artefacts = "arn:aws:kms:eu-central-1:123456789012:key/artefacts"
    audit     = "arn:aws:kms:eu-central-1:123456789012:key/audit"
  }
  dataset_keys = { loans = "arn:aws:kms:eu-central-1:123456789012:key/loans" }
  retention    = { raw = 90, trusted = 760, protected = 760, artefacts = 2555, audit = 2555, access-logs = 365 }
}

run "buckets_correct" {
  command = plan
  assert {
    condition     = output.bucket_names == { for class in ["raw", "trusted", "protected", "artefacts", "audit", "access-logs"] : class => "pd-prod-${class}-123456789012" }
    error_message = "Each class has its bucket, named by project, environment, class and account."
  }
  assert {
    condition     = alltrue([for class, arn in output.bucket_arns : arn == "arn:aws:s3:::${output.bucket_names[class]}"])
    error_message = "ARNs are known in a plan."
  }
  assert {
    condition = alltrue([for class, key in var.key_arns : one([
      for s in jsondecode(output.bucket_policies[class]).Statement : s.Condition.StringNotEquals["s3:x-amz-server-side-encryption-aws-kms-key-id"] == key if s.Sid == "RefuseOtherKeys"
    ])])
    error_message = "Each bucket refuses every key but its own."
  }
  assert {
    condition = alltrue(flatten([for policy in values(output.bucket_policies) : [
      for sid in ["RefusePlaintext", "RefuseOldTls", "RefuseOtherOrganisations"] : contains([for s in jsondecode(policy).Statement : s.Sid if s.Effect == "Deny"], sid)
    ]]))
    error_message = "Every bucket refuses plaintext and strangers."
  }
}

run "locks_production_correct" {
  command = plan
  assert {
    condition     = output.locks == { trusted = { mode = "GOVERNANCE", days = 760 }, audit = { mode = "COMPLIANCE", days = 2555 } }
    error_message = "Audit is locked against everybody, snapshots until erasure by key."
  }
  assert {
    condition = one([
      for s in jsondecode(output.bucket_policies.trusted).Statement : s.Resource == ["arn:aws:s3:::pd-prod-trusted-123456789012/loans/*"] && s.Condition.StringNotEquals["s3:x-amz-server-side-encryption-aws-kms-key-id"] == var.dataset_keys.loans
      if s.Sid == "RefuseOtherKeysInFolder0"
    ])
    error_message = "A dataset's snapshots take its own key."
  }
  assert {
    condition = alltrue([for class in ["audit", "access-logs"] : length([
      for s in jsondecode(output.bucket_policies[class]).Statement : s if contains(["RefuseDeletion", "RefuseDeletionOfVersions"], s.Sid) && s.Effect == "Deny"
    ]) == 2])
    error_message = "Nobody deletes from the audit trail or the access logs."
  }
}

run "locks_development_correct" {
  command = plan
  variables {
    environment = "development"
    retention   = { raw = 1, trusted = 30, protected = 1, artefacts = 7, audit = 30, access-logs = 30 }
  }
  assert {
    condition     = output.locks == { trusted = { mode = "GOVERNANCE", days = 1 }, audit = { mode = "GOVERNANCE", days = 1 } }
    error_message = "Development is locked for one day."
  }
}

run "locks_validation_correct" {
  command = plan
  variables {
    environment = "validation"
  }
  assert {
    condition     = output.locks.audit == { mode = "GOVERNANCE", days = 2555 }
    error_message = "Validation is locked as long as production, and can be opened by law."
  }
}

run "writers_correct" {
  command = plan
  assert {
    condition     = toset([for s in jsondecode(output.bucket_policies.audit).Statement : s.Principal.Service if s.Effect == "Allow"]) == toset(["cloudtrail.amazonaws.com", "config.amazonaws.com"])
    error_message = "Trail and recorder write to audit, no other service."
  }
  assert {
    condition     = toset([for s in jsondecode(output.bucket_policies["access-logs"]).Statement : s.Principal.Service if s.Effect == "Allow"]) == toset(["logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"])
    error_message = "S3 and the load balancers write access logs, no other service."
  }
  assert {
    condition     = alltrue([for class in ["raw", "trusted", "protected", "artefacts"] : length([for s in jsondecode(output.bucket_policies[class]).Statement : s if s.Effect == "Allow"]) == 0])
    error_message = "No service writes to data by the bucket's policy."
  }
  assert {
    condition = alltrue(flatten([for class in ["audit", "access-logs"] : [
      for s in jsondecode(output.bucket_policies[class]).Statement : s.Condition.StringEquals["aws:SourceAccount"] == var.account_id && length(s.Condition.ArnLike["aws:SourceArn"]) > 0 if s.Effect == "Allow"
    ]]))
    error_message = "Services write for this account and a named source."
  }
}

run "account_block_correct" {
  command = plan
  assert {
    condition     = alltrue([for b in aws_s3_account_public_access_block.this : b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets]) && length(aws_s3_account_public_access_block.this) == 1
    error_message = "The account blocks the public in all four ways."
  }
}

run "without_account_block_correct" {
  command = plan
  variables {
    with_account_block = false
  }
  assert {
    condition     = length(aws_s3_account_public_access_block.this) == 0
    error_message = "A landing zone that blocks already is not met twice."
  }
}

run "short_audit_incorrect" {
  command = plan
  variables {
    retention = { raw = 90, trusted = 760, protected = 760, artefacts = 2555, audit = 2554, access-logs = 365 }
  }
  expect_failures = [var.retention]
}

run "short_trusted_incorrect" {
  command = plan
  variables {
    retention = { raw = 90, trusted = 759, protected = 760, artefacts = 2555, audit = 2555, access-logs = 365 }
  }
  expect_failures = [var.retention]
}

run "unknown_environment_incorrect" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}

run "shared_dataset_key_incorrect" {
  command = plan
  variables {
    dataset_keys = { loans = "arn:aws:kms:eu-central-1:123456789012:key/data" }
  }
  expect_failures = [var.dataset_keys]
}

run "protected_under_data_key_incorrect" {
  command = plan
  variables {
    key_arns = {
      raw       = "arn:aws:kms:eu-central-1:123456789012:key/data"
      trusted   = "arn:aws:kms:eu-central-1:123456789012:key/data"
      protected = "arn:aws:kms:eu-central-1:123456789012:key/data"
      artefacts = "arn:aws:kms:eu-central-1:123456789012:key/artefacts"
      audit     = "arn:aws:kms:eu-central-1:123456789012:key/audit"
    }
  }
  expect_failures = [var.key_arns]
}

run "key_of_another_account_incorrect" {
  command = plan
  variables {
    key_arns = {
      raw       = "arn:aws:kms:eu-central-1:210987654321:key/data"
      trusted   = "arn:aws:kms:eu-central-1:123456789012:key/data"
      protected = "arn:aws:kms:eu-central-1:123456789012:key/protected"
      artefacts = "arn:aws:kms:eu-central-1:123456789012:key/artefacts"
      audit     = "arn:aws:kms:eu-central-1:123456789012:key/audit"
    }
  }
  expect_failures = [var.key_arns]
}
