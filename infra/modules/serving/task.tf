# The serving task: the service over TLS, its files written by a first container that then ends.
module "execution" {
  source = "../execution"

  prefix                   = var.prefix
  name                     = "serving"
  account_id               = var.account_id
  region                   = var.region
  partition                = var.partition
  permissions_boundary_arn = var.permissions_boundary_arn
  repository_arns          = [var.repository_arn]
  log_group_arns           = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:${aws_cloudwatch_log_group.service.name}"]
  secret_arns              = values(var.materials)
  secret_key_arns          = var.secret_key_arns
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

# control: SRV-07
module "server" {
  source = "../container"

  name        = "serving"
  image       = var.image
  entry_point = [var.python, "-m", "redoubt.serving"]
  command     = ["--port", tostring(local.port)]
  cpu         = var.cpu - 128
  memory      = var.memory - 256
  port        = local.port
  environment = merge(var.settings, local.settings)
  health      = [var.python, "-I", "-c", local.probe]
  mounts = [
    { volume = "material", path = local.folder },
    { volume = "scratch", path = "/tmp", read_only = false },
    { volume = "state", path = "/var/lib/redoubt", read_only = false },
  ]
  needs          = { materials = "SUCCESS" }
  log_group_name = aws_cloudwatch_log_group.service.name
  log_mode       = "non-blocking"
  region         = var.region
}

locals {
  port      = 8443
  folder    = "/run/redoubt"
  variables = { for index, name in sort(keys(var.materials)) : name => "MATERIAL_${index}" }

  settings = {
    REDOUBT_ENVIRONMENT = var.environment
    REDOUBT_HOST        = "0.0.0.0"
    REDOUBT_PORT        = tostring(local.port)
    REDOUBT_STATE       = "/var/lib/redoubt/state"
    REDOUBT_CHECKPOINTS = "/var/lib/redoubt/checkpoints"
    REDOUBT_ANCHORS     = "${local.folder}/anchors.json"
    REDOUBT_JWKS        = "${local.folder}/jwks.json"
    # control: NET-04
    REDOUBT_TLS_CERTIFICATE = "${local.folder}/tls.pem"
    REDOUBT_TLS_KEY         = "${local.folder}/tls-key.pem"
  }

  # Liveness over TLS, verified against the task's own certificate file. The name in it is host, and
  # the address asked is this machine's.
  probe = join("; ", [
    "import http.client, socket, ssl, sys",
    "t = ssl.create_default_context(cafile='${local.folder}/tls.pem')",
    "t.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN",
    "c = http.client.HTTPSConnection('${var.host}', ${local.port}, timeout=4, context=t)",
    "c.sock = t.wrap_socket(socket.create_connection(('127.0.0.1', ${local.port}), 4), server_hostname='${var.host}')",
    "c.request('GET', '/livez')",
    "sys.exit(c.getresponse().status != 200)",
  ])
}
