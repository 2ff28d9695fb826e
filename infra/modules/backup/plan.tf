# When backups are made, how long they stay, and where their copies go.
# control: IR-04
resource "aws_backup_plan" "this" {
  name = "${var.prefix}-daily"

  dynamic "rule" {
    for_each = var.rules

    content {
      rule_name                = rule.key
      target_vault_name        = aws_backup_vault.this.name
      schedule                 = rule.value.schedule
      start_window             = 60
      completion_window        = 480
      enable_continuous_backup = false

      # control: DAT-08
      lifecycle {
        delete_after = rule.value.keep_days
      }

      # A second account or region: whoever takes this account over cannot take the copies with it.
      copy_action {
        destination_vault_arn = var.copy_vault_arn

        lifecycle {
          delete_after = rule.value.keep_days
        }
      }
    }
  }
}

# What is backed up: what carries the tag, and what is named.
# control: IR-04
resource "aws_backup_selection" "tagged" {
  name         = "tagged"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = var.tag.key
    value = var.tag.value
  }
}

# control: IR-04
resource "aws_backup_selection" "named" {
  name         = "named"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = values(var.resource_arns)
}
