# The cluster and the service that keeps serving tasks running behind the load balancer.
resource "aws_ecs_cluster" "this" {
  name = "${var.prefix}-serving"

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
  family                   = "${var.prefix}-serving"
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

  # Empty folders of the task's encrypted storage, gone with the task. The image declares them as
  # VOLUME owned by 10001, or Fargate gives them to root.
  volume {
    name = "material"
  }

  volume {
    name = "scratch"
  }

  volume {
    name = "state"
  }
}

resource "aws_ecs_service" "this" {
  name            = "${var.prefix}-serving"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  launch_type     = "FARGATE"
  # checkov and AWS want LATEST: it is 1.4.0 with its newest patches.
  platform_version = "LATEST"
  desired_count    = var.tasks_least
  # control: SRV-07
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
    container_name   = "serving"
    container_port   = local.port
  }

  lifecycle {
    # Autoscaling owns the number after the start.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.this]
}
