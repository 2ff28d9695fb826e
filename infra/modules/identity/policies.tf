# What each role may do: one statement a cell of the matrix, on the resources that the cell names.
# control: IAM-01
resource "aws_iam_role_policy" "this" {
  for_each = local._matrix.roles

  name   = "access-matrix"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode(local.policies[each.key])
}

locals {
  policies = {
    for role, cells in local._cells : role => {
      Version = "2012-10-17"
      Statement = [
        for set in keys(cells) : merge(
          {
            Sid      = replace(title(replace(set, "-", " ")), " ", "")
            Effect   = "Allow"
            Action   = local._matrix.sets[set].actions
            Resource = local._resources[role][set]
          },
          # jsondecode lets conditions of different shape stand in one list.
          jsondecode(local._conditions[set]),
        )
        # Without a dataset key the class of dataset keys is empty, and a statement without resource is invalid.
        if length(local._resources[role][set]) > 0
      ]
    }
  }

  # control: IAM-01
  _conditions = {
    for name, set in local._matrix.sets : name => (
      can(set.via) ? jsonencode({ Condition = { StringEquals = { "kms:ViaService" = [for service in set.via : "${service}.${var.region}.amazonaws.com"] } } })
      : set.class == "passed_roles" ? jsonencode({ Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } } })
      : "{}"
    )
  }
}
