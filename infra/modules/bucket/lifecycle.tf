# How long objects live: as long as the retention table says, then a while to bring them back, then never again.
# control: DAT-08
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    id     = "retention"
    status = "Enabled"
    filter {}

    dynamic "expiration" {
      for_each = var.expire_days == null ? [] : [var.expire_days]

      content {
        # control: DAT-08
        days = expiration.value
      }
    }
    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # S3 takes this argument in no rule that also counts days.
  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {}

    expiration {
      expired_object_delete_marker = true
    }
  }

  # S3 counts versions only where they are kept.
  depends_on = [aws_s3_bucket_versioning.this]
}
