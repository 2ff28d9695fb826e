# Object lock: how long a version can be neither overwritten nor deleted.
resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = var.lock == null ? {} : { (var.name) = var.lock }

  bucket = aws_s3_bucket_versioning.this.bucket

  rule {
    default_retention {
      # control: DAT-02
      mode = each.value.mode
      # control: MON-02
      days = each.value.days
    }
  }
}
