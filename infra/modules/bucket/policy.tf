# The bucket policy: what is refused to everybody, and which AWS services may write.
# control: NET-02
# control: NET-04
resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.bucket
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })

  # S3 refuses to change policy and block at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

locals {
  # Known before the bucket exists, so that a plan shows the whole policy.
  _arn = "arn:${var.partition}:s3:::${var.name}"
  _all = [local._arn, "${local._arn}/*"]

  statements = concat(
    local._refuse_everybody,
    [for statement in local._refuse_other_keys : statement if var.key != null],
    [for statement in local._refuse_deletion : statement if var.deny_delete != "nothing"],
    [for statement in local._refuse_unlocking : statement if var.lock != null],
    [for statement in local._refuse_others : statement if length(var.only) > 0],
    local._writers,
  )

  # A deny names all of S3's actions: a list of them would have holes. The principal is written as AWS "*".
  _refuse_everybody = [
    {
      # control: NET-04
      Sid       = "RefusePlaintext"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["s3:*"]
      Resource  = local._all
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
    {
      # control: NET-04
      Sid       = "RefuseOldTls"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["s3:*"]
      Resource  = local._all
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    },
    {
      # AWS's own services come without an organisation; those that may write are named below.
      # control: NET-02
      Sid       = "RefuseOtherOrganisations"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["s3:*"]
      Resource  = local._all
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = var.organisation_id }
        BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
      }
    },
  ]

  # control: IAM-01
  _refuse_others = [{
    Sid       = "RefuseOtherRoles"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action = [
      "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject",
    ]
    Resource  = ["${local._arn}/*"]
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = var.only } }
  }]
}
