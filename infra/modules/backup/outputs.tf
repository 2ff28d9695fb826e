output "plan_id" {
  description = "Id of the backup plan."
  value       = aws_backup_plan.this.id
}

output "restore_role_arn" {
  description = "Role that restores for the test; the keys of what is backed up serve it."
  value       = "arn:${var.partition}:iam::${var.account_id}:role/${aws_iam_role.restore.name}"
}

output "role_arn" {
  description = "Role that makes backups; the keys of what is backed up serve it."
  value       = "arn:${var.partition}:iam::${var.account_id}:role/${aws_iam_role.backup.name}"
}

output "vault_arn" {
  description = "ARN of the vault."
  value       = "arn:${var.partition}:backup:${var.region}:${var.account_id}:backup-vault:${aws_backup_vault.this.name}"
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}
