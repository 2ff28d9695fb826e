# One bucket as every bucket of a project is: private, versioned, owned by the account, logged.
# control: SEC-04
resource "aws_s3_bucket" "this" {
  bucket = var.name
  # control: DAT-02
  object_lock_enabled = var.lock != null
  force_destroy       = false
  # checkov:skip=CKV_AWS_144:Data stays in its one region by design. Versions (all buckets), object lock (trusted, audit) and the backup module protect against loss, not replication. Until 2027-11-25.
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    # control: DAT-02
    # control: IR-04
    status = "Enabled"
  }
}

# Access lists are off: the bucket policy says everything.
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: SEC-04
resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: MON-02
resource "aws_s3_bucket_logging" "this" {
  for_each = var.log_target == null ? {} : { (var.name) = var.log_target.bucket }

  bucket        = aws_s3_bucket.this.id
  target_bucket = each.value
  target_prefix = "${each.key}/"
}

# Object events reach EventBridge, where detection listens.
resource "aws_s3_bucket_notification" "this" {
  bucket      = aws_s3_bucket.this.id
  eventbridge = true
}
