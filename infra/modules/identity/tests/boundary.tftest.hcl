# The boundary caps every role: one region, no escalation, no hand on the audit trail, no way out.
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

run "ceiling_correct" {
  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : alltrue([for a in s.Action : !strcontains(a, "*")]) if s.Effect == "Allow"])
    error_message = "The ceiling spells its actions out."
  }
  assert {
    condition = length(setsubtract(
      flatten([for p in aws_iam_role_policy.this : [for s in jsondecode(p.policy).Statement : s.Action]]),
      one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Action if s.Effect == "Allow"]),
    )) == 0
    error_message = "What the matrix allows fits under the boundary."
  }
  assert {
    condition     = length(aws_iam_policy.boundary.policy) <= 6144
    error_message = "AWS takes 6144 characters."
  }
}

run "denies_correct" {
  command = plan
  variables {
    copy_regions = ["eu-west-1"]
  }
  assert {
    condition = { for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Sid => s.Effect } == {
      AtMost = "Allow", StayInRegion = "Deny", NoEscalation = "Deny", AuditStands = "Deny", LogsStand = "Deny", AuditBucketIsReadOnly = "Deny", NoWayOut = "Deny"
    }
    error_message = "One ceiling, six denies."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Condition.StringNotEquals["aws:RequestedRegion"] if s.Sid == "StayInRegion"]) == ["eu-central-1", "eu-west-1"]
    error_message = "Nothing happens outside the region and the one of the copies."
  }
  assert {
    condition = length(setsubtract(
      ["iam:Create*", "iam:Put*", "iam:Attach*", "iam:Update*", "iam:Delete*", "iam:Detach*", "iam:Set*", "iam:Add*", "organizations:*"],
      one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Action if s.Sid == "NoEscalation"]),
    )) == 0
    error_message = "No role changes roles, policies or boundaries."
  }
  assert {
    condition = length(setsubtract(
      ["cloudtrail:Stop*", "cloudtrail:Delete*", "cloudtrail:Put*", "cloudtrail:Update*", "config:Stop*", "guardduty:Delete*", "ec2:DeleteFlowLogs"],
      one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Action if s.Sid == "AuditStands"]),
    )) == 0
    error_message = "No role stops or shortens the audit trail."
  }
  assert {
    condition = one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s if s.Sid == "LogsStand"]) == {
      Sid         = "LogsStand", Effect = "Deny", Action = ["logs:Delete*", "logs:PutRetentionPolicy"],
      NotResource = ["arn:aws:logs:eu-central-1:123456789012:log-group:RDSOSMetrics", "arn:aws:logs:eu-central-1:123456789012:log-group:RDSOSMetrics:*"]
    }
    error_message = "No role deletes a log or shortens its retention, but RDS that of its measures."
  }
  assert {
    condition = one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s if s.Sid == "AuditBucketIsReadOnly"]) == {
      Sid      = "AuditBucketIsReadOnly", Effect = "Deny", NotAction = ["s3:Get*", "s3:List*"],
      Resource = ["arn:aws:s3:::pd-prod-audit-123456789012", "arn:aws:s3:::pd-prod-audit-123456789012/*"]
    }
    error_message = "The audit bucket is read, never touched."
  }
  assert {
    condition = length(setsubtract(
      ["ec2:Create*Gateway", "ec2:AttachInternetGateway", "ec2:CreateRoute", "ec2:CreateVpcPeeringConnection", "ec2:AllocateAddress", "s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutAccountPublicAccessBlock"],
      one([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : s.Action if s.Sid == "NoWayOut"]),
    )) == 0
    error_message = "No role opens a way to the internet."
  }
}
