# What runs: the training task, MLflow with its database, the service behind its private API, the secrets store.
module "training" {
  source = "./modules/training"

  prefix                   = local.prefix
  environment              = var.environment
  account_id               = local.account_id
  region                   = var.region
  permissions_boundary_arn = module.identity.boundary_arn
  task_role_arn            = local.roles["trainer"]
  image                    = local.images.training
  repository_arn           = module.registry.repository_arns.training
  # control: TRN-03
  subnet_ids         = local.network.workload_subnet_ids
  security_group_id  = local.network.security_group_ids.training
  storage_key_arn    = local.key_arns.tasks
  log_key_arn        = local.key_arns.logs
  log_retention_days = var.log_retention_days
  settings           = { REDOUBT_TRACKING_URI = "https://${var.hosts.tracking}" }
  started_by         = { source = "redoubt.${var.prefix}", detail_types = ["Retraining approved"] }
}

module "tracking" {
  source = "./modules/tracking"

  prefix                     = local.prefix
  environment                = var.environment
  account_id                 = local.account_id
  region                     = var.region
  permissions_boundary_arn   = module.identity.boundary_arn
  task_role_arn              = local.roles["tracking"]
  image                      = local.images.tracking
  repository_arn             = module.registry.repository_arns.tracking
  vpc_id                     = local.network.vpc_id
  subnet_ids                 = local.network.workload_subnet_ids
  data_subnet_ids            = local.network.data_subnet_ids
  balancer_security_group_id = local.network.security_group_ids["tracking-balancer"]
  task_security_group_id     = local.network.security_group_ids["tracking"]
  database_security_group_id = local.network.security_group_ids["database"]
  storage_key_arn            = local.key_arns.tasks
  database_key_arn           = local.key_arns.database
  secret_key_arns            = [local.key_arns.secrets]
  log_key_arn                = local.key_arns.logs
  log_retention_days         = var.log_retention_days
  access_log_bucket          = module.storage.bucket_names["access-logs"]
  artefact_uri               = "s3://${module.storage.bucket_names["artefacts"]}/tracking"
  # control: NET-04
  host                     = var.hosts.tracking
  certificate_arn          = var.certificates.tracking
  tls_policy               = var.tls_policy
  client_ca                = var.client_ca
  with_client_certificates = var.with_client_certificates
  materials                = var.materials.tracking
}

module "serving" {
  source = "./modules/serving"

  prefix                     = local.prefix
  environment                = var.environment
  account_id                 = local.account_id
  region                     = var.region
  organisation_id            = var.organisation_id
  permissions_boundary_arn   = module.identity.boundary_arn
  task_role_arn              = local.roles["serving"]
  image                      = local.images.serving
  repository_arn             = module.registry.repository_arns.serving
  vpc_id                     = local.network.vpc_id
  subnet_ids                 = local.network.workload_subnet_ids
  balancer_security_group_id = local.network.security_group_ids["serving-balancer"]
  task_security_group_id     = local.network.security_group_ids["serving"]
  storage_key_arn            = local.key_arns.tasks
  secret_key_arns            = [local.key_arns.secrets]
  log_key_arn                = local.key_arns.logs
  log_retention_days         = var.log_retention_days
  access_log_bucket          = module.storage.bucket_names["access-logs"]
  # control: NET-05
  endpoint_id     = local.network.execute_api_endpoint_id
  caller_arns     = var.caller_arns
  host            = var.hosts.serving
  certificate_arn = var.certificates.serving
  tls_policy      = var.tls_policy
  materials       = var.materials.serving
}

module "secrets" {
  source = "./modules/secrets"

  prefix                     = local.prefix
  environment                = var.environment
  account_id                 = local.account_id
  region                     = var.region
  permissions_boundary_arn   = module.identity.boundary_arn
  image_id                   = var.secrets_image.id
  seal_plugin                = { sha256 = var.secrets_image.seal_plugin_sha256 }
  vpc_id                     = local.network.vpc_id
  zones                      = local.zones
  subnet_ids                 = local.network.data_subnet_ids
  balancer_security_group_id = local.network.security_group_ids["secrets-balancer"]
  node_security_group_id     = local.network.security_group_ids["secrets"]
  # control: SEC-05
  seal_key_arn       = local.key_arns.seal
  volume_key_arn     = local.key_arns.volumes
  material_key_arn   = local.key_arns.secrets
  log_key_arn        = local.key_arns.logs
  log_retention_days = var.log_retention_days
  # control: IR-04
  snapshot_bucket  = module.storage.bucket_names["artefacts"]
  snapshot_key_arn = local.key_arns.artefacts
  host             = var.hosts.secrets
  materials        = var.materials.secrets
}
