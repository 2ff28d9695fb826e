output "balancer_arn" {
  description = "ARN of the private load balancer."
  value       = aws_lb.this.arn
}

output "balancer_dns_name" {
  description = "Name of the load balancer, for the bank's private alias of host."
  value       = aws_lb.this.dns_name
}

output "balancer_zone_id" {
  description = "Hosted zone of the load balancer, for the same alias."
  value       = aws_lb.this.zone_id
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn
}

output "database_arn" {
  description = "ARN of the database, for backup."
  value       = aws_db_instance.this.arn
}

output "execution_role_arn" {
  description = "Role with which ECS starts tasks; keys of secrets and database serve it."
  value       = module.execution.role_arn
}

output "log_group_arns" {
  description = "Log groups by name: service, postgresql, upgrade."
  value = merge(
    { service = aws_cloudwatch_log_group.service.arn },
    { for name, group in aws_cloudwatch_log_group.database : name => group.arn },
  )
}

output "master_secret_arn" {
  description = "ARN of the database's master secret, which AWS made."
  value       = local.master_secret
}

output "renew_role_arn" {
  description = "Role with which the scheduler renews tasks; the storage key serves it."
  value       = "arn:${var.partition}:iam::${var.account_id}:role/${aws_iam_role.renew.name}"
}

output "tracking_uri" {
  description = "What REDOUBT_TRACKING_URI says."
  value       = "https://${var.host}"
}
