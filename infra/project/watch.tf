# Who sees it: the trail into the locked bucket, recordings, detectors, and alarms to the bank's security operations.
module "audit" {
  count  = local.makes_audit ? 1 : 0
  source = "./modules/audit"

  prefix                   = local.prefix
  environment              = var.environment
  account_id               = local.account_id
  region                   = var.region
  permissions_boundary_arn = module.identity.boundary_arn
  # control: MON-02
  bucket_name         = module.storage.bucket_names["audit"]
  trail_key_arn       = local.key_arns.audit
  watched_bucket_arns = merge(local.own_bucket_arns, { for class in ["artefacts", "protected", "raw", "trusted"] : class => module.storage.bucket_arns[class] })
  log_key_arn         = local.key_arns.logs
  log_retention_days  = var.log_retention_days
  # control: MON-05
  topic_key_arn = local.key_arns.alarms
  listeners     = var.listeners
  # By name: the alarms are counted in the plan, before the role has an ARN.
  break_glass_role_arn = "arn:${local.partition}:iam::${local.account_id}:role/${local.prefix}-break-glass"

  # AWS tries the bucket when a trail is made, so its policy stands first.
  depends_on = [module.storage]
}
