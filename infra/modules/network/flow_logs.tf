# Flow logs of all traffic, encrypted with the bank's key, and the role that writes them.
locals {
  _flow_log_name = "/redoubt/${var.prefix}/flows"
  _flow_log_arn  = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:${local._flow_log_name}"
}

# control: MON-02
resource "aws_flow_log" "this" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flows.arn
  iam_role_arn             = aws_iam_role.flows.arn
  max_aggregation_interval = 60

  tags = { Name = "${var.prefix}-flows" }
}

resource "aws_cloudwatch_log_group" "flows" {
  name              = local._flow_log_name
  retention_in_days = var.log_retention_days
  # control: SEC-04
  kms_key_id = var.log_key_arn
}

resource "aws_iam_role" "flows" {
  name                 = "${var.prefix}-flow-logs"
  description          = "Used by VPC flow logs to write to their log group."
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${var.partition}:ec2:${var.region}:${var.account_id}:vpc-flow-log/*" }
      }
    }]
  })
}

# control: IAM-01
resource "aws_iam_role_policy" "flows" {
  name = "write-flows"
  role = aws_iam_role.flows.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [local._flow_log_arn, "${local._flow_log_arn}:log-stream:*"]
      },
      {
        # The service looks its group up by listing; AWS narrows a list by account only.
        Sid      = "Find"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups"]
        Resource = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:*"]
      },
    ]
  })
}
