output "boundary_arn" {
  description = "ARN of the permissions boundary; every role of the project stands under it."
  value       = local.boundary_arn
}

output "ci_role_arn" {
  description = "Role of the pipeline that builds and tests."
  value       = local.role_arns["ci"]
}

output "policies" {
  description = "Policy of each role as JSON, by function."
  value       = { for role, policy in aws_iam_role_policy.this : role => policy.policy }
}

output "provider_arn" {
  description = "ARN of the forge's OIDC provider in this account."
  value       = aws_iam_openid_connect_provider.forge.arn
}

output "role_arns" {
  description = "ARN of each role, by function."
  value       = local.role_arns
}

output "role_names" {
  description = "Name of each role, by function."
  value       = { for role, entry in aws_iam_role.this : role => entry.name }
}
