# What a project keeps, by class: raw and trusted data, protected attributes, artefacts, audit trail.
locals {
  _floors = yamldecode(file("${path.module}/floors.yml"))

  _classes = ["raw", "trusted", "protected", "artefacts", "audit"]
  _names   = { for class in concat(local._classes, ["access-logs"]) : class => "${var.prefix}-${class}-${var.account_id}" }

  # A development bucket can be taken down the next day.
  # control: DAT-02
  _locks = {
    trusted = { mode = "GOVERNANCE", days = var.environment == "development" ? 1 : var.retention.trusted }
    # control: MON-02
    audit = { mode = var.environment == "production" ? "COMPLIANCE" : "GOVERNANCE", days = var.environment == "development" ? 1 : var.retention.audit }
  }
}

module "data" {
  source   = "../bucket"
  for_each = toset(local._classes)

  name            = local._names[each.key]
  account_id      = var.account_id
  partition       = var.partition
  organisation_id = var.organisation_id
  # control: SEC-04
  key        = { arn = var.key_arns[each.key] }
  log_target = { bucket = module.access_logs.name }
  # control: DAT-08
  expire_days = var.retention[each.key]
  # A locked version cannot be lost by mistake, so nothing is added to its retention.
  noncurrent_days = contains(keys(local._locks), each.key) ? 1 : 30
  lock            = lookup(local._locks, each.key, null)
  # control: DAT-08
  prefix_keys = each.key == "trusted" ? var.dataset_keys : {}
  # control: MON-02
  deny_delete = each.key == "audit" ? "objects" : "nothing"
  writers     = each.key == "audit" ? local._trail_writers : {}
}
