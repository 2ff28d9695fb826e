output "backend" {
  description = "What Terraform's s3 backend is configured with; the lock is a file beside the state."
  value = {
    bucket       = module.bucket.name
    key          = local.object
    region       = var.region
    encrypt      = true
    kms_key_id   = module.key.key_arns["state"]
    use_lockfile = true
    assume_role  = { role_arn = aws_iam_role.this.arn }
  }
}

output "bootstrap_key" {
  description = "Where the state of this module itself lies, once it is in the bucket."
  value       = local.bootstrap
}

output "bucket_arn" {
  description = "ARN of the state's bucket, known before it exists."
  value       = module.bucket.arn
}

output "bucket_name" {
  description = "Name of the state's bucket."
  value       = module.bucket.name
}

output "key_arn" {
  description = "Key that encrypts the state."
  value       = module.key.key_arns["state"]
}

output "policy" {
  description = "Policy of the state's bucket as JSON."
  value       = module.bucket.policy
}

output "role_arn" {
  description = "Role that may use the state."
  value       = aws_iam_role.this.arn
}
