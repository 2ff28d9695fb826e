# Who may do what: roles from modules/identity/access.yml, and who may use which key. Administrators use none.
locals {
  # control: IAM-03
  pipelines = {
    github = { issuer = "token.actions.githubusercontent.com", subject = "repo:${var.repository}:environment:%s" }
    gitlab = { issuer = "gitlab.com", subject = "project_path:${var.repository}:ref_type:branch:ref:%s" }
  }
  pipeline = local.pipelines[var.forge]

  roles = module.identity.role_arns
  # What starts tasks reads the files that they need before they run.
  starters = [module.serving.execution_role_arn, module.tracking.execution_role_arn, module.training.execution_role_arn]
  backups  = [module.backup.role_arn, module.backup.restore_role_arn]

  # control: DAT-08
  dataset_purposes = {
    for name in var.personal_datasets : "dataset-${name}" => {
      users    = [local.roles["data-steward"]]
      readers  = [local.roles["trainer"], local.roles["validator"]]
      grantors = local.backups
      via      = ["backup", "s3"]
    }
  }

  # control: SEC-05
  # control: NET-06
  purposes = {
    # Raw and trusted data.
    data = {
      users    = [local.roles["data-steward"]]
      readers  = [local.roles["trainer"], local.roles["validator"]]
      grantors = local.backups
      via      = ["backup", "s3"]
    }
    protected = {
      users    = [local.roles["data-steward"]]
      readers  = [local.roles["validator"]]
      grantors = local.backups
      via      = ["backup", "s3"]
    }
    artefacts = {
      users    = concat([for role in ["approver", "deployer", "serving", "tracking", "trainer", "validator"] : local.roles[role]], [module.secrets.role_arn])
      readers  = [local.roles["auditor"]]
      grantors = local.backups
      via      = ["backup", "s3"]
    }
    audit    = { readers = [local.roles["auditor"]], via = ["s3"], services = ["cloudtrail.amazonaws.com", "config.amazonaws.com"] }
    logs     = { services = ["logs.${var.region}.amazonaws.com"] }
    alarms   = { services = ["cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"] }
    secrets  = { readers = concat(local.starters, [module.secrets.role_arn]), grantors = [local.installer], via = ["secretsmanager"] }
    registry = { grantors = [local.installer], via = ["ecr"] }
    backup   = { grantors = concat([local.installer], local.backups), via = ["backup"] }
    # The database, its measures and its master password.
    database = {
      readers  = [module.tracking.execution_role_arn, local.roles["break-glass"]]
      grantors = concat([local.installer], local.backups)
      via      = ["backup", "rds", "secretsmanager"]
    }
    # The secrets store: what unseals it, and its nodes' volumes.
    seal    = { users = [module.secrets.role_arn] }
    volumes = { grantors = concat([local.installer], local.backups), via = ["backup", "ec2"] }
    # Temporary storage of tasks, and the schedule that renews MLflow's.
    tasks = {
      readers  = [module.tracking.renew_role_arn]
      services = ["fargate.amazonaws.com"]
      grantors = [local.installer]
      via      = ["scheduler"]
    }
  }
}

module "identity" {
  source = "./modules/identity"

  prefix      = local.prefix
  environment = var.environment
  account_id  = local.account_id
  region      = var.region

  # control: IAM-04
  # control: NET-06
  federation = {
    provider_arn = "arn:${local.partition}:iam::${local.account_id}:saml-provider/${var.federation.provider}"
    mfa_claim    = var.federation.mfa_claim
    mfa_values   = var.federation.mfa_values
  }
  # control: IAM-03
  pipeline = {
    issuer      = coalesce(var.forge_issuer, local.pipeline.issuer)
    audience    = "sts.amazonaws.com"
    thumbprints = var.forge_thumbprints
    subjects = {
      ci       = format(local.pipeline.subject, "${var.environment}-build")
      deployer = format(local.pipeline.subject, var.environment)
    }
  }

  bucket_arns            = module.storage.bucket_arns
  key_arns               = { for purpose, arn in local.key_arns : purpose => arn if contains(keys(local.purposes), purpose) }
  dataset_key_arns       = { for name in var.personal_datasets : name => local.key_arns["dataset-${name}"] }
  repository_arns        = module.registry.repository_arns
  source_repository_arns = local.repositories_below
  secret_arns            = { tracking = module.tracking.master_secret_arn }
  event_bus_arns         = { default = "arn:${local.partition}:events:${var.region}:${local.account_id}:event-bus/default" }
  vault_arns             = { main = module.backup.vault_arn }
  log_group_arns = {
    for workload in local.workloads : workload =>
    "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:/redoubt/${local.prefix}/${workload}"
  }
  service_arns = {
    for workload in ["serving", "tracking"] : workload =>
    "arn:${local.partition}:ecs:${var.region}:${local.account_id}:service/${local.prefix}-${workload}/${local.prefix}-${workload}"
  }
  passed_role_arns = {
    serving-execution  = module.serving.execution_role_arn
    tracking-execution = module.tracking.execution_role_arn
  }
}

module "keys" {
  count  = local.makes_keys ? 1 : 0
  source = "./modules/keys"

  prefix     = local.prefix
  account_id = local.account_id
  region     = var.region
  # control: SEC-05
  administrators = [local.roles["key-administrator"]]
  purposes       = merge(local.purposes, local.dataset_purposes)
  alarm_topics   = { security = local.alarm_topic_arn }
}
