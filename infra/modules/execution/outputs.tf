output "policy" {
  description = "The role's policy as JSON."
  value       = aws_iam_role_policy.this.policy
}

output "role_arn" {
  description = "ARN of the execution role."
  value       = "arn:${var.partition}:iam::${var.account_id}:role/${aws_iam_role.this.name}"
}

output "role_name" {
  description = "Name of the execution role."
  value       = aws_iam_role.this.name
}
