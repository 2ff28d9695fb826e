# What is kept: buckets by class with the bank's retention, images, and backups that leave the account.
module "storage" {
  source = "./modules/storage"

  prefix          = local.prefix
  environment     = var.environment
  account_id      = local.account_id
  region          = var.region
  organisation_id = var.organisation_id
  # control: SEC-04
  key_arns = {
    raw       = local.key_arns.data
    trusted   = local.key_arns.data
    protected = local.key_arns.protected
    artefacts = local.key_arns.artefacts
    audit     = local.key_arns.audit
  }
  # control: DAT-08
  dataset_keys       = { for name in var.personal_datasets : name => local.key_arns["dataset-${name}"] }
  retention          = var.retention
  with_account_block = var.with_account_block
}

# Images are built in development and copied upwards by digest, by the deployer of the environment above.
module "registry" {
  source = "./modules/registry"

  prefix          = local.prefix
  environment     = var.environment
  account_id      = local.account_id
  organisation_id = var.organisation_id
  key_arn         = local.key_arns.registry
  # control: NET-06
  repositories = {
    for workload, starter in {
      serving  = module.serving.execution_role_arn
      tracking = module.tracking.execution_role_arn
      training = module.training.execution_role_arn
      } : workload => {
      pullers = [starter, local.roles["ci"], local.roles["deployer"]]
      pushers = [local.roles[var.environment == "development" ? "ci" : "deployer"]]
      copiers = local.deployer_above
    }
  }
}

module "backup" {
  source = "./modules/backup"

  prefix                   = local.prefix
  environment              = var.environment
  account_id               = local.account_id
  region                   = var.region
  organisation_id          = var.organisation_id
  permissions_boundary_arn = module.identity.boundary_arn
  key_arn                  = local.key_arns.backup
  source_key_arns = concat(
    [for purpose in ["artefacts", "data", "database", "protected"] : local.key_arns[purpose]],
    [for name in var.personal_datasets : local.key_arns["dataset-${name}"]],
  )
  # control: IR-04
  copy_vault_arn = var.copy_vault_arn
  resource_arns  = local.kept
  # control: IR-04
  restore = {
    kinds = {
      RDS = { arns = [local.kept.tracking], metadata = { dbSubnetGroupName = "${local.prefix}-tracking" } }
      S3  = { arns = [local.kept.artefacts] }
    }
  }
}

locals {
  # By name, so that a backup is planned before the database exists.
  kept = merge(
    { for class in ["artefacts", "protected", "trusted"] : class => module.storage.bucket_arns[class] },
    { tracking = "arn:${local.partition}:rds:${var.region}:${local.account_id}:db:${local.prefix}-tracking" },
  )

  # By name, because team.tf may use everything here and nothing here may wait for it.
  own_bucket_arns = {
    for purpose in var.own_buckets : purpose => "arn:${local.partition}:s3:::${local.prefix}-${purpose}-${local.account_id}"
  }
}
