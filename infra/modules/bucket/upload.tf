# Statements of the bucket policy about uploads: each says its encryption, and it is the project's own key.
locals {
  _folders = { for folder, arn in var.prefix_keys : "${local._arn}/${folder}/*" => arn }

  # A negated comparison holds for a header that is missing, with IfExists or without: so Null asks for it as well.
  # control: SEC-04
  _says_encryption = { Null = { "s3:x-amz-server-side-encryption" = "false" } }

  # control: SEC-04
  _refuse_other_keys = concat(
    [
      {
        # Services of AWS that write for this account may say nothing: the bucket's own key is taken then.
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
        Condition = merge(local._says_encryption, { StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" } })
      },
    ],
    [
      merge(
        {
          # Who says aws:kms and no key would get AWS's own: a missing key is another key, except where nothing is said.
          # control: SEC-04
          Sid       = "RefuseOtherKeys"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = ["s3:PutObject"]
          Condition = merge(local._says_encryption, { StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = try(var.key.arn, "") } })
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
