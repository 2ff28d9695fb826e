output "access_log_group_arn" {
  description = "ARN of the gateway's access log."
  value       = aws_cloudwatch_log_group.access.arn
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn
}

output "execution_role_arn" {
  description = "Role with which ECS starts tasks; the key of secrets serves it."
  value       = module.execution.role_arn
}

output "rest_api_execution_arn" {
  description = "Beginning of the ARNs of methods, for policies of callers."
  value       = aws_api_gateway_rest_api.this.execution_arn
}

output "rest_api_id" {
  description = "Id of the private API."
  value       = aws_api_gateway_rest_api.this.id
}

output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.this.name
}

output "token_header" {
  description = "Header in which callers send their token."
  value       = local.identity_header
}

output "url" {
  description = "Address inside the VPC."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "web_acl_arn" {
  description = "ARN of the firewall."
  value       = aws_wafv2_web_acl.this.arn
}
