# What making a backup takes: buckets by name, databases by name or by the tag, keys through the services that hold them.
locals {
  _bucket_arns   = [for arn in values(var.resource_arns) : arn if can(regex(":s3:::", arn))]
  _database_arns = [for arn in values(var.resource_arns) : arn if can(regex(":rds:", arn))]
  _snapshots     = ["arn:${var.partition}:rds:${var.region}:${var.account_id}:snapshot:awsbackup:*"]
  _via           = [for service in ["backup", "rds", "s3"] : "${service}.${var.region}.amazonaws.com"]

  backup_policy = {
    Version = "2012-10-17"
    Statement = jsondecode(jsonencode(concat(
      local._vaults, local._keys, local._look,
      [for s in local._databases : s if length(local._database_arns) > 0],
      local._tagged_databases,
      [for s in local._buckets : s if length(local._bucket_arns) > 0],
    )))
  }

  _vaults = [{
    Sid      = "FillVaults"
    Effect   = "Allow"
    Action   = ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
    Resource = ["arn:${var.partition}:backup:${var.region}:${var.account_id}:backup-vault:${aws_backup_vault.this.name}", var.copy_vault_arn]
    }, {
    # A recovery point gets its id when it is made.
    Sid      = "TagRecoveryPoints"
    Effect   = "Allow"
    Action   = ["backup:TagResource"]
    Resource = ["arn:${var.partition}:backup:${var.region}:${var.account_id}:recovery-point:*"]
  }]

  _keys = [{
    Sid       = "ReadAndSeal"
    Effect    = "Allow"
    Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    Resource  = concat([var.key_arn], var.source_key_arns)
    Condition = { StringEquals = { "kms:ViaService" = local._via } }
    }, {
    Sid       = "LendKeysToServices"
    Effect    = "Allow"
    Action    = ["kms:CreateGrant"]
    Resource  = concat([var.key_arn], var.source_key_arns)
    Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
  }]

  _look = [{
    # AWS offers no resource for these lists and figures.
    Sid      = "Look"
    Effect   = "Allow"
    Action   = ["cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets", "tag:GetResources"]
    Resource = "*"
  }]

  _snapshot_actions = [
    "rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:CreateDBSnapshot", "rds:DescribeDBInstances",
    "rds:DescribeDBSnapshots", "rds:ListTagsForResource",
  ]

  _databases = [{
    Sid      = "SnapshotNamedDatabases"
    Effect   = "Allow"
    Action   = local._snapshot_actions
    Resource = local._database_arns
  }]

  _tagged_databases = [{
    Sid       = "SnapshotTaggedDatabases"
    Effect    = "Allow"
    Action    = local._snapshot_actions
    Resource  = ["arn:${var.partition}:rds:${var.region}:${var.account_id}:db:*"]
    Condition = { StringEquals = { "aws:ResourceTag/${var.tag.key}" = var.tag.value } }
    }, {
    # Its own snapshots only: it deletes the one that became a copy.
    Sid      = "KeepOwnSnapshots"
    Effect   = "Allow"
    Action   = concat(local._snapshot_actions, ["rds:DeleteDBSnapshot"])
    Resource = local._snapshots
  }]

  # control: IR-04
  _buckets = [{
    Sid    = "ReadBuckets"
    Effect = "Allow"
    Action = [
      "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketTagging",
      "s3:GetBucketVersioning", "s3:GetInventoryConfiguration", "s3:ListBucket", "s3:ListBucketVersions",
      "s3:PutBucketNotification", "s3:PutInventoryConfiguration",
    ]
    Resource = local._bucket_arns
    }, {
    Sid    = "ReadObjects"
    Effect = "Allow"
    Action = [
      "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionTagging",
    ]
    Resource = [for arn in local._bucket_arns : "${arn}/*"]
    }, {
    # AWS Backup hears of changed objects by rules that it makes itself.
    Sid    = "HearOfChanges"
    Effect = "Allow"
    Action = [
      "events:DeleteRule", "events:DescribeRule", "events:DisableRule", "events:EnableRule", "events:ListTargetsByRule",
      "events:PutRule", "events:PutTargets", "events:RemoveTargets",
    ]
    Resource = ["arn:${var.partition}:events:${var.region}:${var.account_id}:rule/AwsBackupManagedRule*"]
  }]
}
