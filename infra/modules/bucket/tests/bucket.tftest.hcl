# A bucket refuses what it must, whoever asks.
mock_provider "aws" {}

variables {
  name            = "pd-prod-trusted-123456789012"
  account_id      = "123456789012"
  organisation_id = "o-a1b2c3d4e5"
  key             = { arn = "arn:aws:kms:eu-central-1:123456789012:key/1" }
  log_target      = { bucket = "pd-prod-access-logs-123456789012" }
  expire_days     = 760
  noncurrent_days = 30
}

run "bucket_correct" {
  command = plan
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.this.force_destroy
    error_message = "Versions are kept and a full bucket cannot be destroyed."
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.key.arn && one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled
    error_message = "The project's key encrypts by default."
  }
  assert {
    condition     = alltrue([aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy, aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets])
    error_message = "All four ways to the public are blocked."
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "Access lists are off."
  }
  assert {
    condition     = aws_s3_bucket_logging.this[var.name].target_bucket == var.log_target.bucket
    error_message = "Access is logged."
  }
  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.this) == 0 && !aws_s3_bucket.this.object_lock_enabled
    error_message = "Without a lock there is none."
  }
  assert {
    condition     = one([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.expiration[0].days if r.id == "retention"]) == 760
    error_message = "Objects leave after their retention."
  }
  assert {
    condition     = one([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.noncurrent_version_expiration[0].noncurrent_days if r.id == "retention"]) == 30
    error_message = "Old versions leave too."
  }
}

run "policy_correct" {
  command = plan
  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Sid] == ["RefusePlaintext", "RefuseOldTls", "RefuseOtherOrganisations", "RefuseUploadWithoutEncryption", "RefuseOtherEncryption", "RefuseOtherKeys"]
    error_message = "The policy holds its refusals and nothing else."
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny" && s.Principal == { AWS = "*" }])
    error_message = "Refusals are for everybody; nobody is allowed by the bucket alone."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Condition if s.Sid == "RefusePlaintext"]) == { Bool = { "aws:SecureTransport" = "false" } }
    error_message = "Plain HTTP is refused."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Condition if s.Sid == "RefuseOldTls"]) == { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    error_message = "TLS before 1.2 is refused."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Condition if s.Sid == "RefuseOtherOrganisations"]) == { StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }, BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }
    error_message = "Other organisations are refused, AWS's own services apart."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Condition if s.Sid == "RefuseUploadWithoutEncryption"]) == { Null = { "s3:x-amz-server-side-encryption" = "true" }, BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }
    error_message = "An upload says how it is encrypted."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Condition if s.Sid == "RefuseOtherEncryption"]) == { Null = { "s3:x-amz-server-side-encryption" = "false" }, StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" } }
    error_message = "Who says an encryption says KMS."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Condition if s.Sid == "RefuseOtherKeys"]) == { Null = { "s3:x-amz-server-side-encryption" = "false" }, StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "arn:aws:kms:eu-central-1:123456789012:key/1" } }
    error_message = "Who says an encryption says the bucket's key with it."
  }
}

run "folder_keys_correct" {
  command = plan
  variables {
    prefix_keys = { loans = "arn:aws:kms:eu-central-1:123456789012:key/9" }
  }
  assert {
    condition = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "RefuseOtherKeysInFolder0"]) == {
      Sid       = "RefuseOtherKeysInFolder0"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["s3:PutObject"]
      Resource  = ["arn:aws:s3:::pd-prod-trusted-123456789012/loans/*"]
      Condition = { StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "arn:aws:kms:eu-central-1:123456789012:key/9" } }
    }
    error_message = "A folder takes its own key only, said aloud."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.NotResource if s.Sid == "RefuseOtherKeys"]) == ["arn:aws:s3:::pd-prod-trusted-123456789012/loans/*"]
    error_message = "Everything beside the folder takes the bucket's key."
  }
}

run "lock_correct" {
  command = plan
  variables {
    lock = { mode = "COMPLIANCE", days = 2555 }
  }
  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && aws_s3_bucket_object_lock_configuration.this[var.name].rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.this[var.name].rule[0].default_retention[0].days == 2555
    error_message = "The lock is as given."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny" && s.Action == ["s3:BypassGovernanceRetention"] if s.Sid == "RefuseUnlocking"])
    error_message = "Nobody passes the lock by."
  }
}

run "no_deletion_correct" {
  command = plan
  variables {
    deny_delete = "objects"
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny" && s.Action == ["s3:DeleteObject"] && s.Resource == ["arn:aws:s3:::pd-prod-trusted-123456789012/*"] if s.Sid == "RefuseDeletion"])
    error_message = "Nobody deletes an object."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny" && s.Action == ["s3:DeleteBucket", "s3:DeleteObjectVersion"] if s.Sid == "RefuseDeletionOfVersions"])
    error_message = "Nobody deletes a version or the bucket."
  }
}

run "log_target_correct" {
  command = plan
  variables {
    key        = null
    log_target = null
    writers = { access-logs = {
      service = "logging.s3.amazonaws.com"
      folders = ["pd-prod-"]
      sources = ["arn:aws:s3:::pd-prod-raw-123456789012"]
    } }
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "Server access logs land under AWS's key: it takes no other there."
  }
  assert {
    condition     = length(aws_s3_bucket_logging.this) == 0
    error_message = "The target does not log itself."
  }
  assert {
    condition = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "LetAccessLogsWrite"]) == {
      Sid       = "LetAccessLogsWrite"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = ["arn:aws:s3:::pd-prod-trusted-123456789012/pd-prod-*"]
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" }, ArnLike = { "aws:SourceArn" = ["arn:aws:s3:::pd-prod-raw-123456789012"] } }
    }
    error_message = "A service writes for this account and the named source only."
  }
}

run "without_retention_correct" {
  command = plan
  variables {
    expire_days = null
  }
  assert {
    condition     = length(one([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.expiration if r.id == "retention"])) == 0
    error_message = "What stays as long as its bucket does not expire."
  }
}

run "only_named_roles_correct" {
  command = plan
  variables {
    only        = ["arn:aws:iam::123456789012:role/pd-prod-state"]
    deny_delete = "objects-but-locks"
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny" && contains(s.Action, "s3:GetObject") && contains(s.Action, "s3:PutObject") && s.Condition == { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/pd-prod-state"] } } if s.Sid == "RefuseOtherRoles"])
    error_message = "Other roles neither read nor write."
  }
  assert {
    condition     = one([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.NotResource if s.Sid == "RefuseDeletion"]) == ["arn:aws:s3:::pd-prod-trusted-123456789012/*.tflock"]
    error_message = "Only lock files may be deleted."
  }
}

run "dotted_name_incorrect" {
  command = plan
  variables {
    name = "pd.prod"
  }
  expect_failures = [var.name]
}

run "soft_lock_incorrect" {
  command = plan
  variables {
    lock = { mode = "NONE", days = 1 }
  }
  expect_failures = [var.lock]
}

run "wildcard_folder_incorrect" {
  command = plan
  variables {
    prefix_keys = { "*" = "arn:aws:kms:eu-central-1:123456789012:key/9" }
  }
  expect_failures = [var.prefix_keys]
}

run "service_without_source_incorrect" {
  command = plan
  variables {
    writers = { anybody = { service = "logging.s3.amazonaws.com", folders = ["x/"], sources = [] } }
  }
  expect_failures = [var.writers]
}

run "unknown_deletion_incorrect" {
  command = plan
  variables {
    deny_delete = "some"
  }
  expect_failures = [var.deny_delete]
}
