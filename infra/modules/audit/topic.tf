# The topic that every alarm goes to, encrypted, written to by AWS's alarm services only.
# control: MON-05
resource "aws_sns_topic" "this" {
  name = "${var.prefix}-alarms"
  # control: SEC-04
  kms_master_key_id = var.topic_key_arn
}

# control: MON-05
# control: NET-04
resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = local.topic_statements })
}

locals {
  # By name, so that a plan shows whom every alarm and every rule tells.
  # control: MON-05
  _topic = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${aws_sns_topic.this.name}"

  topic_statements = jsondecode(jsonencode(concat(
    [{
      Sid       = "LetAlarmsTell"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["sns:Publish"]
      Resource  = [local._topic]
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${var.partition}:cloudwatch:${var.region}:${var.account_id}:alarm:${var.prefix}-*" }
      }
      }, {
      # AWS documents no condition for EventBridge on a topic: one that does not hold would swallow alarms unheard,
      # and a forged alarm is only noise.
      Sid       = "LetRulesTell"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["sns:Publish"]
      Resource  = [local._topic]
    }],
    [{
      Sid       = "RefusePlaintext"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["sns:Publish"]
      Resource  = [local._topic]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }],
  )))
}

# control: MON-05
# control: SEC-05
resource "aws_sns_topic_subscription" "this" {
  for_each = var.listeners

  topic_arn = aws_sns_topic.this.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}
