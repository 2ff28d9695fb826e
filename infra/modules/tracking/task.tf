# The tracking task: MLflow over TLS, its files written by a first container that then ends.
module "execution" {
  source = "../execution"

  prefix                   = var.prefix
  name                     = "tracking"
  account_id               = var.account_id
  region                   = var.region
  partition                = var.partition
  permissions_boundary_arn = var.permissions_boundary_arn
  repository_arns          = [var.repository_arn]
  log_group_arns           = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:${aws_cloudwatch_log_group.service.name}"]
  secret_arns              = concat(values(var.materials), [local.master_secret])
  secret_key_arns          = distinct(concat(var.secret_key_arns, [var.database_key_arn]))
}

module "materials" {
  source = "../container"

  name        = "materials"
  image       = var.image
  entry_point = [var.python]
  command     = module.server.materials_command
  cpu         = 128
  memory      = 256
  essential   = false
  environment = {
    MATERIAL_FOLDER = local.folder
    MATERIAL_NAMES  = jsonencode({ for name in keys(var.materials) : name => local.variables[name] })
  }
  secrets        = { for name, arn in var.materials : local.variables[name] => arn }
  mounts         = [{ volume = "material", path = local.folder, read_only = false }]
  log_group_name = aws_cloudwatch_log_group.service.name
  region         = var.region
}

module "server" {
  source = "../container"

  name        = "tracking"
  image       = var.image
  entry_point = [var.python, "-m", "mlflow"]
  command = [
    "server",
    "--host", "0.0.0.0",
    "--port", tostring(local.port),
    "--workers", "2",
    "--serve-artifacts",
    "--artifacts-destination", var.artefact_uri,
    "--allowed-hosts", var.host,
    # control: NET-04
    "--uvicorn-opts", "--ssl-certfile ${local.folder}/tls.pem --ssl-keyfile ${local.folder}/tls-key.pem",
  ]
  cpu         = var.cpu - 128
  memory      = var.memory - 256
  port        = local.port
  environment = merge(var.settings, local.settings)
  # control: SEC-02
  secrets = { PGPASSWORD = "${local.master_secret}:password::" }
  mounts = [
    { volume = "material", path = local.folder },
    { volume = "scratch", path = "/tmp", read_only = false },
  ]
  needs          = { materials = "SUCCESS" }
  log_group_name = aws_cloudwatch_log_group.service.name
  region         = var.region
}

locals {
  port          = 8443
  folder        = "/run/redoubt"
  master_secret = aws_db_instance.this.master_user_secret[0].secret_arn
  _database     = aws_db_instance.this.address
  variables     = { for index, name in sort(keys(var.materials)) : name => "MATERIAL_${index}" }

  settings = {
    HOME = "/tmp"
    # The password comes beside it, as PGPASSWORD, so that no URL ever holds it.
    MLFLOW_BACKEND_STORE_URI            = "postgresql://${aws_db_instance.this.username}@${local._database}:5432/mlflow"
    MLFLOW_ALLOW_PICKLE_DESERIALIZATION = "false"
    MLFLOW_DISABLE_TELEMETRY            = "true"
    MLFLOW_SERVER_X_FRAME_OPTIONS       = "DENY"
    AWS_REGION                          = var.region
    # control: NET-04
    PGSSLMODE = "verify-full"
    # control: NET-04
    PGSSLROOTCERT = var.database_ca_path
  }
}
