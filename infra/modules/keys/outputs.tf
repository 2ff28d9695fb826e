output "alias_names" {
  description = "Alias of each key, by purpose."
  value       = { for purpose, alias in aws_kms_alias.this : purpose => alias.name }
}

# control: SEC-04
output "key_arns" {
  description = "ARN of each key, by purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.arn }
}

output "key_ids" {
  description = "Id of each key, by purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.key_id }
}
