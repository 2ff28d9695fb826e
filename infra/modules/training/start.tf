# The only thing that starts a training run by itself: one named event, never a schedule of ours.
resource "aws_cloudwatch_event_rule" "this" {
  name        = "${var.prefix}-training"
  description = "Starts a training run when ${var.started_by.source} asks for it."

  event_pattern = jsonencode({
    account     = [var.account_id]
    source      = [var.started_by.source]
    detail-type = var.started_by.detail_types
  })
}

resource "aws_cloudwatch_event_target" "this" {
  rule     = aws_cloudwatch_event_rule.this.name
  arn      = aws_ecs_cluster.this.arn
  role_arn = aws_iam_role.start.arn

  ecs_target {
    task_definition_arn     = aws_ecs_task_definition.this.arn
    launch_type             = "FARGATE"
    platform_version        = "LATEST"
    task_count              = 1
    enable_execute_command  = false
    enable_ecs_managed_tags = false

    network_configuration {
      subnets         = var.subnet_ids
      security_groups = [var.security_group_id]
      # control: NET-01
      # control: TRN-03
      assign_public_ip = false
    }
  }

  # A run that cannot be started within an hour is a failure that monitoring must see, not a surprise.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 3
  }
}
