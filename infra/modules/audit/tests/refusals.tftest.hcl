# Inputs that would leave a hole in the trail are refused.
mock_provider "aws" {
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/trail" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/pd-prod-trail-delivery" }
  }
  mock_resource "aws_iam_service_linked_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:pd-prod-alarms" }
  }
  mock_resource "aws_cloudtrail" {
    defaults = { arn = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/pd-prod-trail" }
  }
}

variables {
  prefix                   = "pd-prod"
  environment              = "production"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  bucket_name              = "pd-prod-audit-123456789012"
  break_glass_role_arn     = "arn:aws:iam::123456789012:role/pd-prod-break-glass"
  log_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  topic_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  trail_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  listeners                = { soc = { protocol = "https", endpoint = "https://soc.bank.example/alarms" } }
  watched_bucket_arns = {
    raw       = "arn:aws:s3:::pd-prod-raw-123456789012"
    trusted   = "arn:aws:s3:::pd-prod-trusted-123456789012"
    protected = "arn:aws:s3:::pd-prod-protected-123456789012"
    artefacts = "arn:aws:s3:::pd-prod-artefacts-123456789012"
  }
}

run "bucket_unlocked_incorrect" {
  command = plan
  variables {
    bucket_name = "pd-prod-raw-123456789012"
  }
  expect_failures = [var.bucket_name]
}

run "models_unwatched_incorrect" {
  command = plan
  variables {
    watched_bucket_arns = { raw = "arn:aws:s3:::r", trusted = "arn:aws:s3:::t", protected = "arn:aws:s3:::p" }
  }
  expect_failures = [var.watched_bucket_arns]
}

run "trail_watches_itself_incorrect" {
  command = plan
  variables {
    watched_bucket_arns = { raw = "arn:aws:s3:::r", trusted = "arn:aws:s3:::t", protected = "arn:aws:s3:::p", artefacts = "arn:aws:s3:::a", audit = "arn:aws:s3:::pd-prod-audit-123456789012" }
  }
  expect_failures = [var.watched_bucket_arns]
}

run "nobody_hears_incorrect" {
  command = plan
  variables {
    listeners = {}
  }
  expect_failures = [var.listeners]
}

run "alarms_by_mail_incorrect" {
  command = plan
  variables {
    listeners = { me = { protocol = "email", endpoint = "me@bank.example" } }
  }
  expect_failures = [var.listeners]
}

run "alarms_in_plaintext_incorrect" {
  command = plan
  variables {
    listeners = { soc = { protocol = "https", endpoint = "http://soc.bank.example" } }
  }
  expect_failures = [var.listeners]
}

run "logs_too_short_incorrect" {
  command = plan
  variables {
    log_retention_days = 90
  }
  expect_failures = [var.log_retention_days]
}

run "emergency_of_other_account_incorrect" {
  command = plan
  variables {
    break_glass_role_arn = "arn:aws:iam::210987654321:role/pd-prod-break-glass"
  }
  expect_failures = [var.break_glass_role_arn]
}

run "key_alias_incorrect" {
  command = plan
  variables {
    trail_key_arn = "arn:aws:kms:eu-central-1:123456789012:alias/audit"
  }
  expect_failures = [var.trail_key_arn]
}
