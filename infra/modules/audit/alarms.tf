# One metric filter and one alarm for each entry of alarms.yml.
locals {
  # control: IAM-04
  _alarms = yamldecode(templatefile("${path.module}/alarms.yml", { break_glass_role_arn = var.break_glass_role_arn }))
}

# control: MON-05
resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local._alarms

  name           = "${var.prefix}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = each.value.pattern

  metric_transformation {
    name      = each.key
    namespace = "Redoubt/${var.prefix}"
    value     = "1"
  }
}

# control: MON-05
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local._alarms

  alarm_name = "${var.prefix}-${each.key}"
  # Whoever hears it reads which control it speaks of.
  # control: MON-06
  alarm_description   = "${each.value.control}: ${each.value.title}"
  namespace           = "Redoubt/${var.prefix}"
  metric_name         = each.key
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = lookup(each.value, "threshold", 1)
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local._topic]

  depends_on = [aws_cloudwatch_log_metric_filter.this]
}
