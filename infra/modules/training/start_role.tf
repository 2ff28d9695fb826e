# The role with which EventBridge starts the task: this task, in this cluster, with these two roles.
resource "aws_iam_role" "start" {
  name        = "${var.prefix}-training-start"
  description = "Used by EventBridge to start training runs."
  # control: IAM-01
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.start_trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "start" {
  name   = "run-training"
  role   = aws_iam_role.start.name
  policy = jsonencode(local.start_policy)
}

locals {
  # Revisions are numbered by AWS, so the task is named by its family.
  _family = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:task-definition/${var.prefix}-training:*"

  start_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnEquals    = { "aws:SourceArn" = "arn:${var.partition}:events:${var.region}:${var.account_id}:rule/${aws_cloudwatch_event_rule.this.name}" }
      }
    }]
  }

  start_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RunTask"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = [local._family]
        Condition = { ArnEquals = { "ecs:cluster" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:cluster/${aws_ecs_cluster.this.name}" } }
      },
      {
        Sid       = "HandOverRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [var.task_role_arn, module.execution.role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  }
}
