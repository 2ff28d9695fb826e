# What ECS may do to start a task, and nothing else.
mock_provider "aws" {}

variables {
  prefix                   = "pd-dev"
  name                     = "serving"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-dev-boundary"
  repository_arns          = ["arn:aws:ecr:eu-central-1:123456789012:repository/pd-dev-serving"]
  log_group_arns           = ["arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-dev/serving"]
}

run "without_secrets_correct" {
  command = plan
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must stand under the boundary."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "ecs-tasks.amazonaws.com" }
    error_message = "Exactly one service may take the role."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == var.account_id
    error_message = "The service may act for this account only."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Sid] == ["LogIn", "PullImages", "WriteLogs"]
    error_message = "Without secrets no right to read any may exist."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Sid if s.Resource == "*"] == ["LogIn"]
    error_message = "Only the log-in to the registry may name every resource."
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : alltrue([for a in s.Action : !strcontains(a, "*")])])
    error_message = "No action may hold a wildcard."
  }
}

run "with_secrets_correct" {
  command = plan
  variables {
    secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-abc"]
    secret_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/1"]
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[3].Resource == [var.secret_arns[0]]
    error_message = "Only the named secrets may be read."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[4].Condition.StringEquals["kms:ViaService"] == "secretsmanager.eu-central-1.amazonaws.com"
    error_message = "The key may be used through Secrets Manager only."
  }
}

run "secrets_without_key_incorrect" {
  command = plan
  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-abc"]
  }
  expect_failures = [var.secret_key_arns]
}

run "wildcards_incorrect" {
  command = plan
  variables {
    repository_arns = ["arn:aws:ecr:eu-central-1:123456789012:repository/*"]
    log_group_arns  = ["arn:aws:logs:eu-central-1:123456789012:log-group:*"]
    secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:*"]
  }
  expect_failures = [var.repository_arns, var.log_group_arns, var.secret_arns]
}

run "identity_incorrect" {
  command = plan
  variables {
    prefix                   = "PD"
    name                     = "S"
    account_id               = "12"
    region                   = "europe"
    permissions_boundary_arn = "none"
  }
  expect_failures = [var.prefix, var.name, var.account_id, var.region, var.permissions_boundary_arn]
}

run "wildcard_key_incorrect" {
  command = plan
  variables {
    secret_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/*"]
  }
  expect_failures = [var.secret_key_arns]
}
