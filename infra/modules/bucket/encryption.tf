# What the bucket encrypts with when an upload does not say.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    # control: SEC-04
    bucket_key_enabled = var.key != null

    apply_server_side_encryption_by_default {
      # AWS delivers server access logs only to a bucket under its own key.
      # control: SEC-04
      sse_algorithm     = var.key == null ? "AES256" : "aws:kms"
      kms_master_key_id = try(var.key.arn, null)
    }
  }
}
