# The log group in which alarms read the trail, and the role with which CloudTrail writes it.
resource "aws_cloudwatch_log_group" "this" {
  name = "/redoubt/${var.prefix}/trail"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}

# control: IAM-01
resource "aws_iam_role" "delivery" {
  name                 = "${var.prefix}-trail-delivery"
  description          = "Used by CloudTrail to write its log group."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.delivery_trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "delivery" {
  name   = "write-trail"
  role   = aws_iam_role.delivery.name
  policy = jsonencode(local.delivery_policy)
}

locals {
  # By name: the trail needs the role, so the role cannot wait for the trail.
  _trail = "arn:${var.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${var.prefix}-trail"

  delivery_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = {
        "aws:SourceAccount" = var.account_id
        "aws:SourceArn"     = local._trail
      } }
    }]
  }

  # control: IAM-01
  delivery_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteTrail"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:/redoubt/${var.prefix}/trail:log-stream:${var.account_id}_CloudTrail_*"]
    }]
  }
}
