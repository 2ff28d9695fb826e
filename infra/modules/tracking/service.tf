# The service that keeps tracking tasks running, and its cluster.
resource "aws_ecs_cluster" "this" {
  name = "${var.prefix}-tracking"

  configuration {
    # control: SEC-04
    managed_storage_configuration {
      fargate_ephemeral_storage_kms_key_id = var.storage_key_arn
    }
  }

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.prefix}-tracking"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = var.task_role_arn
  execution_role_arn       = module.execution.role_arn
  container_definitions    = jsonencode([module.materials.definition, module.server.definition])

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  # Empty folders of the task's encrypted storage. The image declares them as VOLUME owned by 10001,
  # or Fargate gives them to root.
  volume {
    name = "material"
  }

  volume {
    name = "scratch"
  }
}

resource "aws_ecs_service" "this" {
  name                   = "${var.prefix}-tracking"
  cluster                = aws_ecs_cluster.this.id
  task_definition        = aws_ecs_task_definition.this.arn
  launch_type            = "FARGATE"
  platform_version       = "LATEST"
  desired_count          = var.environment == "production" ? 2 : 1
  enable_execute_command = false

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 120

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets         = var.subnet_ids
    security_groups = [var.task_security_group_id]
    # control: NET-01
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "tracking"
    container_port   = local.port
  }

  depends_on = [aws_lb_listener.this]
}

resource "aws_cloudwatch_log_group" "service" {
  name = "/redoubt/${var.prefix}/tracking"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}
