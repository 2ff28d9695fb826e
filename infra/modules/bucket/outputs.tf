output "arn" {
  description = "ARN of the bucket, known before it exists."
  value       = "arn:${var.partition}:s3:::${aws_s3_bucket.this.bucket}"
}

output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket
}

output "policy" {
  description = "The bucket policy as JSON."
  value       = aws_s3_bucket_policy.this.policy
}
