# The policies do what the matrix allows on the resources it names, and no cell that must stay empty is filled.
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

run "policies_correct" {
  assert {
    condition = alltrue(flatten([for p in aws_iam_role_policy.this : [
      for s in jsondecode(p.policy).Statement : [for a in s.Action : !strcontains(a, "*") && !strcontains(a, "?")]
    ]]))
    error_message = "No action may hold a wildcard."
  }
  assert {
    condition = toset(flatten([for p in aws_iam_role_policy.this : [
      for s in jsondecode(p.policy).Statement : s.Action if contains(s.Resource, "*")
      ]])) == toset(concat(
      ["ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "logs:GetQueryResults"],
      local._matrix.sets["read-posture"].actions,
    ))
    error_message = "Only actions without a resource of their own may name every resource."
  }
  assert {
    condition     = alltrue([for a in local._matrix.sets["read-posture"].actions : can(regex(":(Describe|Get|List|Lookup|Generate)", a))])
    error_message = "What names every resource only reads."
  }
  assert {
    condition = one([for s in jsondecode(aws_iam_role_policy.this["trainer"].policy).Statement : s.Resource if s.Sid == "ReadObjects"]) == [
      "arn:aws:s3:::pd-prod-trusted-123456789012/*", "arn:aws:s3:::pd-prod-artefacts-123456789012/candidates/*",
    ]
    error_message = "The trainer reads trusted data and candidates."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.this["trainer"].policy).Statement : s.Resource if s.Sid == "WriteObjects"]) == ["arn:aws:s3:::pd-prod-artefacts-123456789012/candidates/*"]
    error_message = "The trainer writes candidates only."
  }
  assert {
    condition = alltrue(flatten([for p in aws_iam_role_policy.this : [
      for s in jsondecode(p.policy).Statement : s.Condition.StringEquals["kms:ViaService"] == (s.Sid == "DecryptSecrets" ? ["secretsmanager.eu-central-1.amazonaws.com"] : ["s3.eu-central-1.amazonaws.com"])
      if length(setintersection(s.Action, ["kms:Decrypt", "kms:GenerateDataKey"])) > 0
    ]]))
    error_message = "Keys are used through S3 or Secrets Manager, never directly."
  }
  assert {
    condition = [for name, p in aws_iam_role_policy.this : name if anytrue([
      for s in jsondecode(p.policy).Statement : contains(s.Action, "iam:PassRole")
    ])] == ["deployer"]
    error_message = "Only the deployer hands roles over."
  }
  assert {
    condition = alltrue([for s in jsondecode(aws_iam_role_policy.this["deployer"].policy).Statement :
      s.Condition.StringEquals["iam:PassedToService"] == "ecs-tasks.amazonaws.com" if contains(s.Action, "iam:PassRole")
    ])
    error_message = "Roles are handed to ECS tasks only."
  }
  assert {
    condition = one([for s in jsondecode(aws_iam_role_policy.this["key-administrator"].policy).Statement : length(s.Resource) if s.Sid == "AdministerKeys"]) == 12 && (
      length(setintersection(flatten([for s in jsondecode(aws_iam_role_policy.this["key-administrator"].policy).Statement : s.Action]), ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"])) == 0
    )
    error_message = "Who administers keys, those of datasets too, uses none."
  }
  assert {
    condition = [for name, p in aws_iam_role_policy.this : name if anytrue([
      for s in jsondecode(p.policy).Statement : contains(s.Action, "s3:DeleteObject")
    ])] == ["data-steward"]
    error_message = "Only the data steward erases, and then data."
  }
}

run "empty_cells_correct" {
  assert {
    condition = length(flatten([
      for role, entry in local._matrix.roles : [
        for set, names in entry.never : [
          for name in names : [
            for s in jsondecode(aws_iam_role_policy.this[role].policy).Statement : "${role} ${s.Sid} ${name}"
            if length(setintersection(s.Action, local._matrix.sets[set].actions)) > 0 && length([
              for r in s.Resource : r if r == "*" || anytrue([
                for target in concat(
                  contains(["objects"], local._matrix.sets[set].class) ? ["${var.bucket_arns[split("/", name)[0]]}/${join("", [for part in slice(split("/", name), 1, length(split("/", name))) : "${part}/"])}"] : [],
                  local._matrix.sets[set].class == "keys" ? [var.key_arns[name]] : [],
                  local._matrix.sets[set].class == "repositories" ? [var.repository_arns[name]] : [],
                  local._matrix.sets[set].class == "services" ? [var.service_arns[name]] : [],
                  local._matrix.sets[set].class == "event_buses" ? [var.event_bus_arns[name]] : [],
                  local._matrix.sets[set].class == "passed_roles" ? ["arn:aws:iam::123456789012:role/pd-prod-some"] : [],
                ) : startswith(target, trimsuffix(r, "*")) || startswith(r, target)
              ])
            ]) > 0
          ]
        ]
      ]
    ])) == 0
    error_message = "A cell that must stay empty is filled."
  }
  # Every deny cell resolves to a target: a class that the check above does not know would make it blind.
  assert {
    condition = alltrue(flatten([for entry in local._matrix.roles : [
      for set in keys(entry.never) : contains(["objects", "keys", "repositories", "services", "event_buses", "passed_roles"], local._matrix.sets[set].class)
    ]]))
    error_message = "A deny cell is of a class that the check does not know."
  }
}

run "copies_from_below_correct" {
  variables {
    source_repository_arns = { serving = "arn:aws:ecr:eu-central-1:210987654321:repository/pd-val-serving" }
  }
  assert {
    condition = { for name, p in aws_iam_role_policy.this : name => flatten([
      for s in jsondecode(p.policy).Statement : s.Action if s.Resource == ["arn:aws:ecr:eu-central-1:210987654321:repository/pd-val-serving"]
      ]) if strcontains(p.policy, "210987654321") } == {
      deployer = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }
    error_message = "Only the deployer reaches into the account below, to read approved images."
  }
}

run "promotion_only_correct" {
  assert {
    condition = [for name, p in aws_iam_role_policy.this : name if anytrue([
      for s in jsondecode(p.policy).Statement : contains(s.Action, "ecr:PutImage")
    ])] == ["deployer"]
    error_message = "In production only the deployer puts images."
  }
}

run "development_builds_correct" {
  variables {
    prefix      = "pd-dev"
    environment = "development"
    pipeline = {
      issuer   = "gitlab.bank.example"
      audience = "https://gitlab.bank.example"
      subjects = {
        ci       = "project_path:bank/pd:ref_type:branch:ref:development-build"
        deployer = "project_path:bank/pd:ref_type:branch:ref:development"
      }
    }
  }
  assert {
    condition = toset([for name, p in aws_iam_role_policy.this : name if anytrue([
      for s in jsondecode(p.policy).Statement : contains(s.Action, "ecr:PutImage")
    ])]) == toset(["ci"])
    error_message = "In development the pipeline builds images, and there is nothing below to copy."
  }
}

run "without_dataset_keys_correct" {
  variables {
    dataset_key_arns = {}
  }
  assert {
    condition = alltrue(flatten([for p in aws_iam_role_policy.this : [
      for s in jsondecode(p.policy).Statement : length(s.Resource) > 0
    ]]))
    error_message = "No statement is left without a resource."
  }
}
