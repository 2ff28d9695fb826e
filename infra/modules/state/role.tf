# The one role that reads and writes the state. People and pipelines take it; it can do nothing else.
locals {
  role_name = "${var.prefix}-state"
  role_arn  = "arn:${var.partition}:iam::${var.account_id}:role/${local.role_name}"

  object    = "${var.prefix}/terraform.tfstate"
  bootstrap = "${var.prefix}/bootstrap.tfstate" # The state of this module itself.
  objects   = [local.object, local.bootstrap]
  _arn      = "arn:${var.partition}:s3:::${local.name}"
}

resource "aws_iam_role" "this" {
  name                 = local.role_name
  description          = "Reads, writes and locks the Terraform state."
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      # The account is the principal, because in a bootstrap the users do not exist yet; the condition names them.
      Principal = { AWS = "arn:${var.partition}:iam::${var.account_id}:root" }
      Action    = "sts:AssumeRole"
      # control: NET-06
      Condition = { ArnEquals = { "aws:PrincipalArn" = var.users } }
    }]
  })
}

# control: IAM-01
resource "aws_iam_role_policy" "objects" {
  name = "use-state"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Find"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local._arn]
        Condition = { StringLike = { "s3:prefix" = concat(["${var.prefix}/*"], local.objects) } }
      },
      {
        Sid      = "ReadAndWrite"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = flatten([for object in local.objects : ["${local._arn}/${object}", "${local._arn}/${object}.tflock"]])
      },
      {
        Sid      = "Unlock"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject"]
        Resource = [for object in local.objects : "${local._arn}/${object}.tflock"]
      },
    ]
  })
}

# A policy of its own, so that a plan shows the other before the key exists.
# control: IAM-01
resource "aws_iam_role_policy" "key" {
  name = "use-key"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Encrypt"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = [module.key.key_arns["state"]]
    }]
  })
}
