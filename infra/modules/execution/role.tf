# The role with which ECS itself starts a task: pulls the image, opens the log, reads the secrets.
resource "aws_iam_role" "this" {
  name                 = "${var.prefix}-${var.name}-execution"
  description          = "Used by ECS, not by the code, to start tasks of ${var.name}."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "this" {
  name   = "start-tasks"
  role   = aws_iam_role.this.name
  policy = jsonencode(local.policy)
}

locals {
  # control: IAM-01
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:*" }
      }
    }]
  }

  policy = {
    Version   = "2012-10-17"
    Statement = concat(local._start, [for s in local._secrets : s if length(var.secret_arns) > 0])
  }

  _start = [
    {
      # AWS offers no resource for this action: it answers a token for the whole registry.
      Sid      = "LogIn"
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = "*"
    },
    {
      Sid      = "PullImages"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = var.repository_arns
    },
    {
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [for arn in var.log_group_arns : "${arn}:log-stream:*"]
    },
  ]

  # control: SEC-02
  _secrets = [
    {
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = var.secret_arns
    },
    {
      # control: SEC-05
      Sid      = "DecryptSecrets"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = var.secret_key_arns
      Condition = {
        StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" }
      }
    },
  ]
}
