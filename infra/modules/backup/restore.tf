# Restores a backup of each kind every month, and throws the result away after the checks had time to look at it.
# control: IR-04
resource "aws_backup_restore_testing_plan" "this" {
  name                = "${replace(var.prefix, "-", "_")}_restore"
  schedule_expression = var.restore.schedule
  start_window_hours  = 4

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 30
  }
}

# control: IR-04
resource "aws_backup_restore_testing_selection" "this" {
  for_each = var.restore.kinds

  name                      = "${replace(var.prefix, "-", "_")}_${lower(each.key)}"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this.name
  protected_resource_type   = each.key
  protected_resource_arns   = each.value.arns
  iam_role_arn              = aws_iam_role.restore.arn
  validation_window_hours   = 24
  # Says where the restored copy lives: in the data subnets, never public.
  # control: NET-01
  restore_metadata_overrides = merge(each.key == "RDS" ? { publiclyAccessible = "false" } : {}, each.value.metadata)
}
