output "bucket_arns" {
  description = "ARN of each bucket, by class; known before the buckets exist."
  value       = merge({ for class, bucket in module.data : class => bucket.arn }, { access-logs = module.access_logs.arn })
}

output "bucket_names" {
  description = "Name of each bucket, by class."
  value       = merge({ for class, bucket in module.data : class => bucket.name }, { access-logs = module.access_logs.name })
}

output "bucket_policies" {
  description = "Policy of each bucket as JSON, by class."
  value       = merge({ for class, bucket in module.data : class => bucket.policy }, { access-logs = module.access_logs.policy })
}

output "locks" {
  description = "Object lock of each bucket that has one: mode and days."
  value       = local._locks
}
