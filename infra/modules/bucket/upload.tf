# Statements of the bucket policy about uploads: each says its encryption, and it is the project's own key.
locals {
  _folders = { for folder, arn in var.prefix_keys : "${local._arn}/${folder}/*" => arn }

  # control: SEC-04
  _refuse_other_keys = concat(
    [
      {
        # Services of AWS that write for this account say nothing and get the bucket's own key.
        Sid       = "RefuseUploadWithoutEncryption"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:PutObject"]
        Resource  = ["${local._arn}/*"]
        Condition = {
          Null         = { "s3:x-amz-server-side-encryption" = "true" }
          BoolIfExists = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        Sid       = "RefuseOtherEncryption"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:PutObject"]
        Resource  = ["${local._arn}/*"]
        Condition = { StringNotEqualsIfExists = { "s3:x-amz-server-side-encryption" = "aws:kms" } }
      },
    ],
    [
      merge(
        {
          # control: SEC-04
          Sid       = "RefuseOtherKeys"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = ["s3:PutObject"]
          Condition = { StringNotEqualsIfExists = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = try(var.key.arn, "") } }
        },
        length(local._folders) == 0 ? { Resource = ["${local._arn}/*"] } : { NotResource = keys(local._folders) },
      ),
    ],
    [
      for i, folder in keys(local._folders) : {
        # The key has to be said: without it the bucket's would be taken, and destroying the folder's erase nothing.
        Sid       = "RefuseOtherKeysInFolder${i}"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:PutObject"]
        Resource  = [folder]
        Condition = { StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = local._folders[folder] } }
      }
    ],
  )
}
