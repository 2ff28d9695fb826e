# The two roles that AWS Backup acts as: one makes backups, the other restores them for the test.
# control: IAM-01
resource "aws_iam_role" "backup" {
  name                 = "${var.prefix}-backup"
  description          = "Used by AWS Backup to make and copy backups."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "backup" {
  name   = "make-backups"
  role   = aws_iam_role.backup.name
  policy = jsonencode(local.backup_policy)
}

# control: IAM-01
resource "aws_iam_role" "restore" {
  name                 = "${var.prefix}-restore-test"
  description          = "Used by AWS Backup to restore what the test asks for."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "restore" {
  name   = "restore-backups"
  role   = aws_iam_role.restore.name
  policy = jsonencode(local.restore_policy)
}

locals {
  # AWS documents no SourceArn for AWS Backup that is known before the job.
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  }
}
