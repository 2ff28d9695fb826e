# Tells the bank at once when somebody disables a key, schedules its deletion or changes who may use it.
# control: SEC-05
resource "aws_cloudwatch_event_rule" "this" {
  count = length(var.alarm_topics) == 0 ? 0 : 1

  name        = "${var.prefix}-key-withdrawn"
  description = "A key of this account was disabled, scheduled for deletion, or its policy or rotation changed."
  event_pattern = jsonencode({
    source      = ["aws.kms"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["kms.amazonaws.com"]
      eventName   = ["DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"]
    }
  })
}

# control: SEC-05
resource "aws_cloudwatch_event_target" "this" {
  for_each = var.alarm_topics

  rule      = one(aws_cloudwatch_event_rule.this).name
  target_id = each.key
  arn       = each.value
}
