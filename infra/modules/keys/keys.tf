# One customer-managed key a purpose, and the name by which people know it.
# control: SEC-04
resource "aws_kms_key" "this" {
  for_each = var.purposes

  description = "${var.prefix}: ${each.key}."
  # control: SEC-05
  enable_key_rotation = true
  # control: SEC-05
  deletion_window_in_days = 30
  # control: SEC-05
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements[each.key]
  })
  # An author who locks himself out of a key loses the data under it.
  bypass_policy_lockout_safety_check = false
}

resource "aws_kms_alias" "this" {
  for_each = var.purposes

  # control: NET-06
  name          = "alias/${var.prefix}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
