# One role a function. Roles depend on no key and no bucket, so that key policies may name them.
resource "aws_iam_role" "this" {
  for_each = local._matrix.roles

  name        = "${var.prefix}-${each.key}"
  description = "Function ${each.key} of ${var.prefix}, taken by a ${each.value.is}."
  # control: IAM-01
  # control: NET-06
  permissions_boundary = local.boundary_arn
  # control: IAM-04
  # control: IAM-05
  max_session_duration = each.value.hours * 3600
  assume_role_policy   = jsonencode(local.trusts[each.key])

  lifecycle {
    precondition {
      condition     = each.value.hours >= 1 && each.value.hours <= 8 && (each.key != "break-glass" || each.value.hours == 1)
      error_message = "access.yml gives ${each.key} ${each.value.hours} hours; sessions last 1 to 8 hours, break-glass exactly 1."
    }
  }
}

locals {
  # By name, as in every module: so a plan shows whole policies before a role exists, and still waits for the role.
  boundary_arn = "arn:${var.partition}:iam::${var.account_id}:policy/${aws_iam_policy.boundary.name}"
  role_arns    = { for name, role in aws_iam_role.this : name => "arn:${var.partition}:iam::${var.account_id}:role/${role.name}" }
}
