output "plan_id" {
  description = "Id of the backup plan."
  value       = aws_backup_plan.this.id
}

output "restore_role_arn" {
  description = "Role that restores for the test; the keys of what is backed up serve it."
  value       = aws_iam_role.restore.arn
}

output "role_arn" {
  description = "Role that makes backups; the keys of what is backed up serve it."
  value       = aws_iam_role.backup.arn
}

output "vault_arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}
