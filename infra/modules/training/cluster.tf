# The cluster of training tasks: temporary storage under the project's key, no shell into tasks.
resource "aws_ecs_cluster" "this" {
  name = "${var.prefix}-training"

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

resource "aws_cloudwatch_log_group" "this" {
  name = "/redoubt/${var.prefix}/training"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}
