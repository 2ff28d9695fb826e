output "cluster_arn" {
  description = "ARN of the cluster of training tasks."
  value       = aws_ecs_cluster.this.arn
}

output "execution_role_arn" {
  description = "Role with which ECS starts the task; keys of logs and secrets serve it."
  value       = module.execution.role_arn
}

output "log_group_arn" {
  description = "ARN of the log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "log_group_name" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "start_role_arn" {
  description = "Role with which EventBridge starts a run."
  value       = aws_iam_role.start.arn
}

output "task_definition_arn" {
  description = "ARN of the task definition with its revision."
  value       = aws_ecs_task_definition.this.arn
}
