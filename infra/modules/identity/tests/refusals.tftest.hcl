# Inputs that would open a door are refused, and the message says which.
mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/pd-prod-some" }
  }
  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  prefix      = "pd-prod"
  environment = "production"
  account_id  = "123456789012"
  region      = "eu-central-1"
  bucket_arns = {
    raw       = "arn:aws:s3:::pd-prod-raw-123456789012"
    trusted   = "arn:aws:s3:::pd-prod-trusted-123456789012"
    protected = "arn:aws:s3:::pd-prod-protected-123456789012"
    artefacts = "arn:aws:s3:::pd-prod-artefacts-123456789012"
    audit     = "arn:aws:s3:::pd-prod-audit-123456789012"
  }
  key_arns = {
    data      = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000001"
    protected = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000002"
    artefacts = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000003"
    audit     = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000004"
    secrets   = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000005"
    alarms    = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000011"
    backup    = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000012"
    database  = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000013"
    logs      = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000014"
    registry  = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000015"
    tasks     = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000016"
  }
  dataset_key_arns = { loans = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000006" }
  repository_arns = {
    training = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-prod-training"
    serving  = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-prod-serving"
    tracking = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-prod-tracking"
  }
  secret_arns = { tracking = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:pd-prod-tracking-Ab12Cd" }
  log_group_arns = {
    training = "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/training"
    serving  = "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/serving"
    tracking = "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/tracking"
  }
  service_arns = {
    serving  = "arn:aws:ecs:eu-central-1:123456789012:service/pd-prod-serving/pd-prod-serving"
    tracking = "arn:aws:ecs:eu-central-1:123456789012:service/pd-prod-tracking/pd-prod-tracking"
  }
  event_bus_arns = { default = "arn:aws:events:eu-central-1:123456789012:event-bus/default" }
  vault_arns     = { main = "arn:aws:backup:eu-central-1:123456789012:backup-vault:pd-prod-main" }
  passed_role_arns = {
    serving-execution  = "arn:aws:iam::123456789012:role/pd-prod-serving-execution"
    tracking-execution = "arn:aws:iam::123456789012:role/pd-prod-tracking-execution"
  }
  federation = {
    provider_arn = "arn:aws:iam::123456789012:saml-provider/bank"
    mfa_claim    = "saml:edupersonassurance"
    mfa_values   = ["https://refeds.org/profile/mfa"]
  }
  pipeline = {
    issuer   = "token.actions.githubusercontent.com"
    audience = "sts.amazonaws.com"
    subjects = {
      ci       = "repo:bank/pd:environment:production-build"
      deployer = "repo:bank/pd:environment:production"
    }
  }
}

run "subject_wildcard_incorrect" {
  command = plan
  variables {
    pipeline = { issuer = "token.actions.githubusercontent.com", audience = "sts.amazonaws.com", subjects = { ci = "repo:bank/pd:*:production", deployer = "repo:bank/pd:environment:production" } }
  }
  expect_failures = [var.pipeline]
}

run "subject_shared_incorrect" {
  command = plan
  variables {
    pipeline = { issuer = "token.actions.githubusercontent.com", audience = "sts.amazonaws.com", subjects = { ci = "repo:bank/pd:environment:production", deployer = "repo:bank/pd:environment:production" } }
  }
  expect_failures = [var.pipeline]
}

run "subject_of_other_environment_incorrect" {
  command = plan
  variables {
    pipeline = { issuer = "token.actions.githubusercontent.com", audience = "sts.amazonaws.com", subjects = { ci = "repo:bank/pd:environment:production-build", deployer = "repo:bank/pd:environment:development" } }
  }
  expect_failures = [var.pipeline]
}

run "subject_missing_incorrect" {
  command = plan
  variables {
    pipeline = { issuer = "token.actions.githubusercontent.com", audience = "sts.amazonaws.com", subjects = { ci = "repo:bank/pd:environment:production" } }
  }
  expect_failures = [var.pipeline]
}

run "audience_wildcard_incorrect" {
  command = plan
  variables {
    pipeline = { issuer = "token.actions.githubusercontent.com", audience = "*", subjects = { ci = "repo:bank/pd:environment:production-build", deployer = "repo:bank/pd:environment:production" } }
  }
  expect_failures = [var.pipeline]
}

run "without_mfa_incorrect" {
  command = plan
  variables {
    federation = { provider_arn = "arn:aws:iam::123456789012:saml-provider/bank", mfa_claim = "saml:edupersonassurance", mfa_values = [] }
  }
  expect_failures = [var.federation]
}

run "mfa_wildcard_incorrect" {
  command = plan
  variables {
    federation = { provider_arn = "arn:aws:iam::123456789012:saml-provider/bank", mfa_claim = "saml:edupersonassurance", mfa_values = ["*"] }
  }
  expect_failures = [var.federation]
}

run "claim_without_meaning_incorrect" {
  command = plan
  variables {
    federation = { provider_arn = "arn:aws:iam::123456789012:saml-provider/bank", mfa_claim = "SAML:sub", mfa_values = ["anna"] }
  }
  expect_failures = [var.federation]
}

run "people_by_oidc_incorrect" {
  command = plan
  variables {
    federation = { provider_arn = "arn:aws:iam::123456789012:oidc-provider/login.bank.example", mfa_claim = "saml:edupersonassurance", mfa_values = ["mfa"] }
  }
  expect_failures = [var.federation]
}

run "provider_of_other_account_incorrect" {
  command = plan
  variables {
    federation = { provider_arn = "arn:aws:iam::210987654321:saml-provider/bank", mfa_claim = "saml:edupersonassurance", mfa_values = ["mfa"] }
  }
  expect_failures = [var.federation]
}

run "bucket_wildcard_incorrect" {
  command = plan
  variables {
    bucket_arns = { raw = "arn:aws:s3:::*", trusted = "arn:aws:s3:::t", protected = "arn:aws:s3:::p", artefacts = "arn:aws:s3:::a", audit = "arn:aws:s3:::l" }
  }
  expect_failures = [var.bucket_arns]
}

run "bucket_missing_incorrect" {
  command = plan
  variables {
    bucket_arns = { raw = "arn:aws:s3:::r", trusted = "arn:aws:s3:::t", protected = "arn:aws:s3:::p", artefacts = "arn:aws:s3:::a" }
  }
  expect_failures = [var.bucket_arns]
}

run "repository_wildcard_incorrect" {
  command = plan
  variables {
    repository_arns = { training = "arn:aws:ecr:eu-central-1:123456789012:repository/*", serving = "arn:aws:ecr:eu-central-1:123456789012:repository/s", tracking = "arn:aws:ecr:eu-central-1:123456789012:repository/t" }
  }
  expect_failures = [var.repository_arns]
}

run "environment_incorrect" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}

run "source_of_own_account_incorrect" {
  command = plan
  variables {
    source_repository_arns = { serving = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-prod-serving" }
  }
  expect_failures = [var.source_repository_arns]
}
