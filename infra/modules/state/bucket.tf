# The bucket of the state, and one for its access logs: the first things of an account, so they need no other module.
locals {
  name = "${var.prefix}-state-${var.account_id}"
}

module "bucket" {
  source = "../bucket"

  name            = local.name
  account_id      = var.account_id
  partition       = var.partition
  organisation_id = var.organisation_id
  # control: SEC-04
  key             = { arn = module.key.key_arns["state"] }
  log_target      = { bucket = module.access_logs.name }
  expire_days     = null
  noncurrent_days = var.version_days
  deny_delete     = "objects-but-locks"
  # A state holds whatever a provider gave back, secrets too.
  # control: IAM-01
  only = [local.role_arn]
}

module "access_logs" {
  source = "../bucket"

  name            = "${var.prefix}-state-logs-${var.account_id}"
  account_id      = var.account_id
  partition       = var.partition
  organisation_id = var.organisation_id
  key             = null
  log_target      = null
  expire_days     = 365
  noncurrent_days = 1
  deny_delete     = "objects"
  writers = {
    buckets = {
      service = "logging.s3.amazonaws.com"
      folders = ["${local.name}/"]
      sources = ["arn:${var.partition}:s3:::${local.name}"]
    }
  }
}
