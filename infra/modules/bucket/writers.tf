# Statements of the bucket policy that let AWS's own services write, for this account and a named source only.
locals {
  # control: MON-02
  _writers = flatten([
    for name in keys(var.writers) : [
      {
        Sid       = "Let${replace(title(name), "-", "")}Look"
        Effect    = "Allow"
        Principal = { Service = var.writers[name].service }
        Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource  = [local._arn]
        Condition = local._for_us[name]
      },
      {
        Sid       = "Let${replace(title(name), "-", "")}Write"
        Effect    = "Allow"
        Principal = { Service = var.writers[name].service }
        Action    = ["s3:PutObject"]
        Resource  = [for folder in var.writers[name].folders : "${local._arn}/${folder}*"]
        Condition = local._for_us[name]
      },
    ]
  ])

  # control: SEC-04
  _for_us = {
    for name, writer in var.writers : name => {
      StringEquals = { "aws:SourceAccount" = var.account_id }
      ArnLike      = { "aws:SourceArn" = writer.sources }
    }
  }
}
