# What a node may do: unseal with one key, read its certificate, write its log and its snapshots.
resource "aws_iam_instance_profile" "this" {
  name = "${var.prefix}-secrets"
  role = aws_iam_role.this.name
}

resource "aws_iam_role" "this" {
  name                 = "${var.prefix}-secrets"
  description          = "Used by the nodes of the secrets store."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy   = jsonencode(local.trust)
}

# control: IAM-01
resource "aws_iam_role_policy" "this" {
  name   = "run-node"
  role   = aws_iam_role.this.name
  policy = jsonencode(local.policy)
}

locals {
  # EC2 sends no aws:SourceAccount when it takes an instance's role; a condition on it would refuse the node.
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  }

  policy = { Version = "2012-10-17", Statement = concat(local._unseal, local._read, local._write) }

  # control: SEC-05
  _unseal = [{
    Sid      = "Unseal"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"]
    Resource = [var.seal_key_arn]
  }]

  # control: SEC-02
  _read = [
    {
      Sid      = "ReadMaterials"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = sort(values(var.materials))
    },
    {
      Sid       = "DecryptMaterials"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.material_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
    },
  ]

  _write = [
    {
      # control: SEC-03
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local._log_group, "${local._log_group}:log-stream:*"]
    },
    {
      # control: IR-04
      Sid      = "WriteSnapshots"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["arn:${var.partition}:s3:::${var.snapshot_bucket}/secrets/*"]
    },
    {
      # Decrypt serves uploads in parts: S3 opens the data key again for each part.
      Sid       = "EncryptSnapshots"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [var.snapshot_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
  ]

  # By name, so that a plan shows the whole policy.
  _log_group = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:/redoubt/${var.prefix}/secrets"
}
