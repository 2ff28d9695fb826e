# What a restore takes: new resources that carry the name of a restore test, and reading the keys of the old ones.
locals {
  _test_bucket = "arn:${var.partition}:s3:::awsbackup-restore-test-*"
  _rds         = "arn:${var.partition}:rds:${var.region}:${var.account_id}"

  restore_policy = {
    Version = "2012-10-17"
    Statement = jsondecode(jsonencode([
      {
        Sid    = "RestoreDatabases"
        Effect = "Allow"
        Action = ["rds:AddTagsToResource", "rds:RestoreDBInstanceFromDBSnapshot"]
        Resource = [
          "${local._rds}:db:awsbackup-restore-test-*", "${local._rds}:snapshot:awsbackup:*",
          "${local._rds}:subgrp:${var.prefix}-*", "${local._rds}:pg:${var.prefix}-*", "${local._rds}:og:default:*",
        ]
      },
      {
        # Looks a database and a snapshot up by name; both lists stay within the account.
        Sid      = "LookAtDatabases"
        Effect   = "Allow"
        Action   = ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots"]
        Resource = ["${local._rds}:db:*", "${local._rds}:snapshot:*"]
      },
      {
        Sid    = "RestoreBuckets"
        Effect = "Allow"
        Action = [
          "s3:CreateBucket", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions",
          "s3:PutBucketVersioning",
        ]
        Resource = [local._test_bucket]
      },
      {
        Sid    = "RestoreObjects"
        Effect = "Allow"
        Action = [
          "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectTagging",
        ]
        Resource = ["${local._test_bucket}/*"]
      },
      local._keys[0],
      local._keys[1],
    ]))
  }
}
