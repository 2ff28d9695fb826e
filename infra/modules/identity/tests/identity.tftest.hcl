# Every role stands under the boundary, is taken by exactly one kind of caller, and may do what the matrix says.
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

run "roles_correct" {
  assert {
    condition = toset(keys(aws_iam_role.this)) == toset([
      "approver", "auditor", "break-glass", "ci", "data-steward", "deployer", "key-administrator", "serving", "tracking",
      "trainer", "validator",
    ])
    error_message = "One role a function."
  }
  assert {
    condition     = alltrue([for r in aws_iam_role.this : endswith(r.permissions_boundary, ":policy/${aws_iam_policy.boundary.name}")])
    error_message = "Every role stands under the boundary."
  }
  assert {
    condition     = alltrue([for r in aws_iam_role.this : r.max_session_duration >= 3600 && r.max_session_duration <= 8 * 3600])
    error_message = "A session lasts one to eight hours."
  }
  assert {
    condition     = aws_iam_role.this["break-glass"].max_session_duration == 3600
    error_message = "Break-glass lasts one hour."
  }
  assert {
    condition     = output.role_names["trainer"] == "pd-prod-trainer"
    error_message = "Names carry project and environment."
  }
}

run "trust_correct" {
  assert {
    condition = alltrue([for name in ["approver", "auditor", "break-glass", "data-steward", "key-administrator", "validator"] :
      jsondecode(aws_iam_role.this[name].assume_role_policy).Statement == [{
        Effect    = "Allow"
        Principal = { Federated = var.federation.provider_arn }
        Action    = "sts:AssumeRoleWithSAML"
        Condition = {
          StringEquals               = { "SAML:aud" = "https://signin.aws.amazon.com/saml" }
          "ForAnyValue:StringEquals" = { "saml:edupersonassurance" = ["https://refeds.org/profile/mfa"] }
        }
      }]
    ])
    error_message = "People come through the bank's identity provider with MFA, and no other way."
  }
  assert {
    condition = alltrue([for name in ["serving", "tracking", "trainer"] :
      jsondecode(aws_iam_role.this[name].assume_role_policy).Statement == [{
        Effect    = "Allow"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = "123456789012" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:eu-central-1:123456789012:*" }
        }
      }]
    ])
    error_message = "Workload roles are taken by tasks of this account only."
  }
  assert {
    condition = alltrue([for name in ["ci", "deployer"] :
      jsondecode(aws_iam_role.this[name].assume_role_policy).Statement == [{
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = { StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = var.pipeline.subjects[name]
        } }
      }]
    ])
    error_message = "Pipelines come with one audience and their exact subject."
  }
  assert {
    condition     = aws_iam_openid_connect_provider.forge.url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.forge.client_id_list == toset(["sts.amazonaws.com"])
    error_message = "The forge's tokens are accepted for one audience."
  }
}
