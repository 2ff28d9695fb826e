# Log groups of service, gateway and WAF, and the account's one role with which the gateway writes.
resource "aws_cloudwatch_log_group" "service" {
  name = "/redoubt/${var.prefix}/serving"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "access" {
  name = "/redoubt/${var.prefix}/serving-access"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "waf" {
  # AWS demands this beginning.
  name = "aws-waf-logs-${var.prefix}-serving"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.gateway.arn
  depends_on          = [aws_iam_role_policy.gateway]
}

resource "aws_iam_role" "gateway" {
  name                 = "${var.prefix}-serving-gateway"
  description          = "Used by API Gateway to write its logs."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "apigateway.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

# control: IAM-01
resource "aws_iam_role_policy" "gateway" {
  name = "write-logs"
  role = aws_iam_role.gateway.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "WriteLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents",
      ]
      Resource = [for name in ["${aws_cloudwatch_log_group.access.name}", "API-Gateway-Execution-Logs_*"] :
        "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:${name}:*"
      ]
    }]
  })
}
