# The trail: every region, validated, encrypted, delivered to the locked bucket and to CloudWatch.
# control: MON-02
resource "aws_cloudtrail" "this" {
  name                          = "${var.prefix}-trail"
  s3_bucket_name                = var.bucket_name
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_logging                = true
  enable_log_file_validation    = true
  # control: SEC-04
  kms_key_id                 = var.trail_key_arn
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.this.arn}:*"
  cloud_watch_logs_role_arn  = aws_iam_role.delivery.arn
  sns_topic_name             = aws_sns_topic.trail.arn

  # control: MON-02
  advanced_event_selector {
    name = "Management events"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  # control: MON-02
  advanced_event_selector {
    name = "Objects of models and data"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = [for arn in values(var.watched_bucket_arns) : "${arn}/"]
    }
  }

  # control: MON-05
  dynamic "insight_selector" {
    for_each = ["ApiCallRateInsight", "ApiErrorRateInsight"]

    content {
      insight_type = insight_selector.value
    }
  }

  depends_on = [aws_sns_topic_policy.trail]
}

# Says that a log file arrived, so that the bank's collector need not look for it.
resource "aws_sns_topic" "trail" {
  name = "${var.prefix}-trail"
  # control: SEC-04
  kms_master_key_id = var.topic_key_arn
}

# control: NET-04
resource "aws_sns_topic_policy" "trail" {
  arn = aws_sns_topic.trail.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LetTrailTell"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["sns:Publish"]
        Resource  = ["arn:${var.partition}:sns:${var.region}:${var.account_id}:${var.prefix}-trail"]
        Condition = { StringEquals = {
          "aws:SourceAccount" = var.account_id
          "aws:SourceArn"     = local._trail
        } }
      },
      {
        Sid       = "RefusePlaintext"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["sns:Publish"]
        Resource  = ["arn:${var.partition}:sns:${var.region}:${var.account_id}:${var.prefix}-trail"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
