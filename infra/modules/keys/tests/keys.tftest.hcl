# Keys rotate, last, belong to one purpose, and nobody both administers and uses one.
mock_provider "aws" {}

variables {
  prefix         = "pd-prod"
  account_id     = "123456789012"
  region         = "eu-central-1"
  administrators = ["arn:aws:iam::123456789012:role/pd-prod-key-administrator"]
  alarm_topics   = { security = "arn:aws:sns:eu-central-1:123456789012:pd-prod-alarms" }
  purposes = {
    data = {
      users   = ["arn:aws:iam::123456789012:role/pd-prod-trainer"]
      readers = ["arn:aws:iam::210987654321:role/pd-val-promoter"]
    }
    artefacts = {
      users   = ["arn:aws:iam::123456789012:role/pd-prod-serving"]
      readers = ["arn:aws:iam::123456789012:role/pd-prod-auditor"]
      via     = ["s3"]
    }
    database = {
      grantors = ["arn:aws:iam::123456789012:role/pd-prod-deployer"]
      via      = ["rds"]
    }
    logs   = { services = ["logs.eu-central-1.amazonaws.com", "cloudtrail.amazonaws.com"] }
    alarms = { services = ["cloudwatch.amazonaws.com", "events.amazonaws.com"] }
    tasks  = { services = ["fargate.amazonaws.com"] }
  }
}

run "keys_correct" {
  command = plan
  assert {
    condition     = toset(keys(aws_kms_key.this)) == toset(["alarms", "artefacts", "data", "database", "logs", "tasks"])
    error_message = "Every purpose has a key of its own."
  }
  assert {
    condition     = alltrue([for k in aws_kms_key.this : k.enable_key_rotation && k.deletion_window_in_days == 30])
    error_message = "Keys rotate and need 30 days to be deleted."
  }
  assert {
    condition     = alltrue([for k in aws_kms_key.this : !k.bypass_policy_lockout_safety_check])
    error_message = "The lock-out check stays on."
  }
  assert {
    condition     = aws_kms_alias.this["data"].name == "alias/pd-prod-data"
    error_message = "The alias names project, environment and purpose."
  }
}

run "separation_correct" {
  command = plan
  assert {
    condition = alltrue(flatten([for k in aws_kms_key.this : [
      for s in jsondecode(k.policy).Statement : length(setintersection(s.Action, ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptTo"])) == 0
      if s.Effect == "Allow" && contains(["RepairByAccount", "Administer"], s.Sid)
    ]]))
    error_message = "Neither the account nor an administrator may use a key."
  }
  assert {
    condition = alltrue([for k in aws_kms_key.this : one([
      for s in jsondecode(k.policy).Statement : jsonencode(s.Principal.AWS) == jsonencode(var.administrators) && contains(s.Action, "kms:Decrypt") && contains(s.Action, "kms:CreateGrant")
      if s.Effect == "Deny" && s.Sid == "SeparateAdministrationFromUse"
    ])])
    error_message = "Administrators are denied every use, grants included."
  }
  assert {
    condition = alltrue(flatten([for k in aws_kms_key.this : [
      for s in jsondecode(k.policy).Statement : length(setintersection(s.Action, ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"])) == 0
      if s.Effect == "Allow" && !contains(["RepairByAccount", "Administer"], s.Sid)
    ]]))
    error_message = "No user or service may administer a key."
  }
  assert {
    condition = alltrue([for k in aws_kms_key.this : one([
      for s in jsondecode(k.policy).Statement : contains(s.Action, "kms:PutKeyPolicy") && !contains(s.Action, "kms:ScheduleKeyDeletion") && !contains(s.Action, "kms:DisableKey")
      if s.Sid == "RepairByAccount" && s.Principal == { AWS = "arn:aws:iam::123456789012:root" }
    ])])
    error_message = "The account can repair a key, not destroy it."
  }
  assert {
    condition = alltrue(flatten([for k in aws_kms_key.this : [
      for s in jsondecode(k.policy).Statement : [for a in s.Action : !strcontains(a, "*")]
    ]]))
    error_message = "No action may hold a wildcard."
  }
  assert {
    condition = alltrue([for k in aws_kms_key.this : one([
      for s in jsondecode(k.policy).Statement : s.Condition.Bool["kms:BypassPolicyLockoutSafetyCheck"] == "true" if s.Sid == "KeepLockoutCheck" && s.Effect == "Deny"
    ])])
    error_message = "A policy change that skips the lock-out check is denied."
  }
}

run "users_correct" {
  command = plan
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["data"].policy).Statement : s.Principal.AWS if s.Sid == "Use"]) == ["arn:aws:iam::123456789012:role/pd-prod-trainer"]
    error_message = "Exactly the named users use a key."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["data"].policy).Statement : s.Action if s.Sid == "Read"]) == ["kms:Decrypt", "kms:DescribeKey"]
    error_message = "A reader only decrypts."
  }
  assert {
    condition     = length([for s in jsondecode(aws_kms_key.this["logs"].policy).Statement : s if contains(["Use", "Read", "GrantToService"], s.Sid)]) == 0
    error_message = "A purpose without users gives nobody the use of its key."
  }
  assert {
    condition = one([for s in jsondecode(aws_kms_key.this["database"].policy).Statement : s.Condition if s.Sid == "GrantToService"]) == {
      Bool         = { "kms:GrantIsForAWSResource" = "true" }
      StringEquals = { "kms:ViaService" = ["rds.eu-central-1.amazonaws.com"] }
    }
    error_message = "A grant is for an AWS resource, through the named service."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["artefacts"].policy).Statement : s.Condition.StringEquals["kms:ViaService"] if s.Sid == "Use"]) == ["s3.eu-central-1.amazonaws.com"]
    error_message = "Users reach a key through the services that are named for it."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["artefacts"].policy).Statement : s.Condition.StringEquals["kms:ViaService"] if s.Sid == "Read"]) == ["s3.eu-central-1.amazonaws.com"]
    error_message = "Readers reach a key through the services that are named for it."
  }
  assert {
    condition     = !can(one([for s in jsondecode(aws_kms_key.this["data"].policy).Statement : s.Condition if s.Sid == "Use"]))
    error_message = "A key that is used directly, such as the seal's, has no service in its way."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["database"].policy).Statement : s.Condition.StringEquals["kms:ViaService"] if s.Sid == "UseThroughService"]) == ["rds.eu-central-1.amazonaws.com"]
    error_message = "A grantor uses the key through the named service only."
  }
}

run "services_correct" {
  command = plan
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["logs"].policy).Statement : s.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] if s.Sid == "ServeLogs"]) == "arn:aws:logs:eu-central-1:123456789012:log-group:*"
    error_message = "Log groups of this account only."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["logs"].policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] if s.Sid == "ServeCloudtrail"]) == var.account_id
    error_message = "A service acts for this account only."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["alarms"].policy).Statement : s if s.Sid == "ServeEvents"]).Principal == { Service = "events.amazonaws.com" } && !can(one([for s in jsondecode(aws_kms_key.this["alarms"].policy).Statement : s if s.Sid == "ServeEvents"]).Condition)
    error_message = "EventBridge names no account to KMS; a condition would silence the alarms."
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.this["alarms"].policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] if s.Sid == "ServeCloudwatch"]) == var.account_id
    error_message = "The exception is for EventBridge alone."
  }
  assert {
    condition = one([for s in jsondecode(aws_kms_key.this["tasks"].policy).Statement : s.Condition if s.Sid == "LendToFargate"]) == {
      "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] }
      StringEquals                = { "kms:EncryptionContext:aws:ecs:clusterAccount" = var.account_id }
    }
    error_message = "Fargate lends the key for decryption, in clusters of this account only."
  }
}

run "alarm_correct" {
  command = plan
  assert {
    condition     = toset(jsondecode(one(aws_cloudwatch_event_rule.this).event_pattern).detail.eventName) == toset(["DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"])
    error_message = "Disabling, deleting and opening a key raise the alarm."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this["security"].arn == var.alarm_topics.security
    error_message = "The alarm reaches the topic."
  }
}

run "without_topic_correct" {
  command = plan
  variables {
    alarm_topics = {}
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.this) == 0
    error_message = "Without a topic there is no rule that would reach nobody."
  }
}

run "administrator_who_uses_incorrect" {
  command = plan
  variables {
    administrators = ["arn:aws:iam::123456789012:role/pd-prod-trainer"]
  }
  expect_failures = [var.administrators]
}

run "no_administrator_incorrect" {
  command = plan
  variables {
    administrators = []
  }
  expect_failures = [var.administrators]
}

run "root_as_user_incorrect" {
  command = plan
  variables {
    purposes = { data = { users = ["arn:aws:iam::123456789012:root"] } }
  }
  expect_failures = [var.purposes]
}

run "user_of_another_account_incorrect" {
  command = plan
  variables {
    purposes = { data = { users = ["arn:aws:iam::210987654321:role/pd-dev-trainer"] } }
  }
  expect_failures = [var.purposes]
}

run "wildcard_reader_incorrect" {
  command = plan
  variables {
    purposes = { data = { readers = ["*"] } }
  }
  expect_failures = [var.purposes]
}

run "grantor_without_service_incorrect" {
  command = plan
  variables {
    purposes = { data = { grantors = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] } }
  }
  expect_failures = [var.purposes]
}

run "service_for_nobody_incorrect" {
  command = plan
  variables {
    purposes = { data = { services = ["cloudtrail.amazonaws.com"], via = ["s3"] } }
  }
  expect_failures = [var.purposes]
}

run "logs_without_region_incorrect" {
  command = plan
  variables {
    purposes = { logs = { services = ["logs.amazonaws.com"] } }
  }
  expect_failures = [var.purposes]
}
