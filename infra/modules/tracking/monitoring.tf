# The database's logs, made before the database so that they are encrypted from the first line, and
# the role of enhanced monitoring.
resource "aws_cloudwatch_log_group" "database" {
  for_each = toset(["postgresql", "upgrade"])

  name = "/aws/rds/instance/${local.database}/${each.key}"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "monitoring" {
  name                 = "${var.prefix}-tracking-monitoring"
  description          = "Used by RDS to write the measures of its operating system."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.monitoring_trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "monitoring" {
  name   = "write-measures"
  role   = aws_iam_role.monitoring.name
  policy = jsonencode(local.monitoring_policy)
}

locals {
  # RDS writes to this one group of the account; its name is AWS's.
  _measures = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:RDSOSMetrics"

  monitoring_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = var.account_id
          "aws:SourceArn"     = "arn:${var.partition}:rds:${var.region}:${var.account_id}:db:${local.database}"
        }
      }
    }]
  }

  monitoring_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OpenGroup"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:PutRetentionPolicy"]
        Resource = [local._measures, "${local._measures}:*"]
      },
      {
        Sid      = "WriteMeasures"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"]
        Resource = ["${local._measures}:log-stream:*"]
      },
    ]
  }
}
