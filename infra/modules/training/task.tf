# The training task: one hardened container, pinned by digest, that writes to temporary storage only.
module "execution" {
  source = "../execution"

  prefix                   = var.prefix
  name                     = "training"
  account_id               = var.account_id
  region                   = var.region
  partition                = var.partition
  permissions_boundary_arn = var.permissions_boundary_arn
  repository_arns          = [var.repository_arn]
  log_group_arns           = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:${aws_cloudwatch_log_group.this.name}"]
  secret_arns              = values(var.secrets)
  secret_key_arns          = var.secret_key_arns
}

# control: TRN-03
module "container" {
  source = "../container"

  name           = "training"
  image          = var.image
  command        = var.command
  cpu            = var.cpu
  memory         = var.memory
  environment    = merge(var.settings, { REDOUBT_ENVIRONMENT = var.environment })
  secrets        = var.secrets
  log_group_name = aws_cloudwatch_log_group.this.name
  region         = var.region
  stop_seconds   = 120
  mounts = [
    { volume = "scratch", path = "/tmp", read_only = false },
    { volume = "state", path = "/var/lib/redoubt", read_only = false },
  ]
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.prefix}-training"
  requires_compatibilities = ["FARGATE"]
  # A network interface and a security group of its own; host and bridge would share the machine's.
  # control: TRN-03
  network_mode       = "awsvpc"
  cpu                = var.cpu
  memory             = var.memory
  task_role_arn      = var.task_role_arn
  execution_role_arn = module.execution.role_arn

  container_definitions = jsonencode([module.container.definition])

  ephemeral_storage {
    size_in_gib = var.storage_gib
  }

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  # Both are empty folders of the task's encrypted storage; they are gone when the task ends. The
  # image declares them as VOLUME owned by 10001, or Fargate gives them to root.
  volume {
    name = "scratch"
  }

  volume {
    name = "state"
  }
}
