# The master password changes on Sunday night, and new tasks read it afterwards: a running task keeps
# the password that it started with.
resource "aws_secretsmanager_secret_rotation" "this" {
  secret_id          = local.master_secret
  rotate_immediately = false

  # control: SEC-02
  rotation_rules {
    schedule_expression = "cron(0 2 ? * SUN *)"
    duration            = "1h"
  }
}

resource "aws_scheduler_schedule" "this" {
  name                = "${var.prefix}-tracking-renew"
  description         = "Starts new tracking tasks after the database password has changed."
  schedule_expression = "cron(15 3 ? * SUN *)"
  kms_key_arn         = var.storage_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${var.partition}:scheduler:::aws-sdk:ecs:updateService"
    role_arn = aws_iam_role.renew.arn
    input = jsonencode({
      Cluster            = aws_ecs_cluster.this.name
      Service            = aws_ecs_service.this.name
      ForceNewDeployment = true
    })
  }
}

resource "aws_iam_role" "renew" {
  name                 = "${var.prefix}-tracking-renew"
  description          = "Used by EventBridge Scheduler to start new tracking tasks."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.renew_trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "renew" {
  name   = "renew-tasks"
  role   = aws_iam_role.renew.name
  policy = jsonencode(local.renew_policy)
}

locals {
  renew_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = var.account_id
          # AWS names the group here, not the schedule.
          "aws:SourceArn" = "arn:${var.partition}:scheduler:${var.region}:${var.account_id}:schedule-group/default"
        }
      }
    }]
  }

  renew_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "RenewTasks"
      Effect   = "Allow"
      Action   = ["ecs:UpdateService"]
      Resource = ["arn:${var.partition}:ecs:${var.region}:${var.account_id}:service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"]
      }, {
      Sid       = "ReadSchedule"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.storage_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "scheduler.${var.region}.amazonaws.com" } }
    }]
  }
}
