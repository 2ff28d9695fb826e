# The key of the state: administered by some, used by the state's role alone.
module "key" {
  source = "../keys"

  prefix         = var.prefix
  account_id     = var.account_id
  partition      = var.partition
  region         = var.region
  administrators = var.administrators
  # control: SEC-04
  purposes = { state = { users = [local.role_arn] } }

  # KMS refuses a policy that names a role which does not exist.
  depends_on = [aws_iam_role.this]
}
