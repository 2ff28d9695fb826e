# Statements of the bucket policy about deletion. Lifecycle rules are S3's own work and pass them.
locals {
  # control: MON-02
  _refuse_deletion = [
    merge(
      {
        Sid       = "RefuseDeletion"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:DeleteObject"]
      },
      # A lock file is deleted by whoever unlocks.
      var.deny_delete == "objects-but-locks"
      ? { NotResource = ["${local._arn}/*.tflock"] }
      : { Resource = ["${local._arn}/*"] },
    ),
    {
      Sid       = "RefuseDeletionOfVersions"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["s3:DeleteBucket", "s3:DeleteObjectVersion"]
      Resource  = local._all
    },
  ]

  # control: DAT-02
  # control: MON-02
  _refuse_unlocking = [{
    Sid       = "RefuseUnlocking"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["s3:BypassGovernanceRetention"]
    Resource  = ["${local._arn}/*"]
  }]
}
