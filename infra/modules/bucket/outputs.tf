output "arn" {
  description = "ARN of the bucket, known before it exists."
  value       = "arn:${var.partition}:s3:::${aws_s3_bucket.this.bucket}"
}

output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket

  # Who is told to deliver here finds the policy that lets it: S3 and load balancers try that at once.
  # control: MON-02
  depends_on = [aws_s3_bucket_policy.this]
}

output "policy" {
  description = "The bucket policy as JSON."
  value       = aws_s3_bucket_policy.this.policy
}
