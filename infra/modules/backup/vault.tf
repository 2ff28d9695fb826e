# The vault: encrypted, locked, and open to nobody outside the organisation.
resource "aws_backup_vault" "this" {
  name = "${var.prefix}-main"
  # control: SEC-04
  kms_key_arn = var.key_arn
}

# With changeable_for_days the lock is in compliance mode: after that grace nobody, AWS included, shortens it.
# control: IR-04
resource "aws_backup_vault_lock_configuration" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.lock.min_days
  max_retention_days  = var.lock.max_days
  changeable_for_days = var.environment == "production" ? var.lock.grace_days : null
}

# control: IR-04
resource "aws_backup_vault_policy" "this" {
  backup_vault_name = aws_backup_vault.this.name
  policy            = jsonencode(local.vault_policy)
}

locals {
  vault_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        # control: IR-04
        Sid       = "NobodyDestroys"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action = [
          "backup:DeleteBackupVault", "backup:DeleteBackupVaultLockConfiguration", "backup:DeleteRecoveryPoint",
          "backup:DisassociateRecoveryPoint", "backup:DisassociateRecoveryPointFromParent",
          "backup:UpdateRecoveryPointLifecycle",
        ]
        Resource = "*"
      },
      {
        # control: NET-02
        Sid       = "OrganisationOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:StartRestoreJob"]
        Resource  = "*"
        Condition = {
          StringNotEqualsIfExists = { "aws:PrincipalOrgID" = var.organisation_id }
          BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
    ]
  }
}
