# The training task is isolated, pinned and hardened, and only one event starts it.
mock_provider "aws" {
  override_during = plan
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/mocked" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/mocked:1" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/mocked" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/mocked" }
  }
}

variables {
  prefix                   = "pd-dev"
  environment              = "development"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-dev-boundary"
  image                    = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pd-dev-training@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  repository_arn           = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-dev-training"
  log_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  storage_key_arn          = "arn:aws:kms:eu-central-1:123456789012:key/data"
  security_group_id        = "sg-0123"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  task_role_arn            = "arn:aws:iam::123456789012:role/pd-dev-trainer"
  started_by               = { source = "redoubt.pd", detail_types = ["Retraining approved"] }
}

run "task_correct" {
  command = plan
  assert {
    condition     = aws_ecs_task_definition.this.network_mode == "awsvpc" && aws_ecs_task_definition.this.requires_compatibilities == toset(["FARGATE"])
    error_message = "The task needs a network interface of its own."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem == true
    error_message = "The root must be read-only."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "10001:10001"
    error_message = "The process must not be root."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"]
    error_message = "All capabilities must be dropped."
  }
  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == var.image
    error_message = "The one container must run the image of that digest."
  }
  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].portMappings) == 0
    error_message = "Training must listen on nothing."
  }
  assert {
    condition     = aws_ecs_task_definition.this.task_role_arn == var.task_role_arn
    error_message = "The code must act as the trainer."
  }
}

run "storage_and_logs_correct" {
  command = plan
  assert {
    condition     = aws_ecs_cluster.this.configuration[0].managed_storage_configuration[0].fargate_ephemeral_storage_kms_key_id == var.storage_key_arn
    error_message = "Temporary storage must be under the project's key."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 400
    error_message = "Logs must be encrypted and kept."
  }
}

run "start_correct" {
  command = plan
  assert {
    condition     = aws_cloudwatch_event_target.this.ecs_target[0].network_configuration[0].assign_public_ip == false
    error_message = "The task must have no public address."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this.ecs_target[0].network_configuration[0].security_groups == toset([var.security_group_id])
    error_message = "The task must stand in its own security group only."
  }
  assert {
    condition     = aws_cloudwatch_event_target.this.ecs_target[0].enable_execute_command == false
    error_message = "No shell may open into the task."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this.event_pattern) == { account = [var.account_id], source = ["redoubt.pd"], detail-type = ["Retraining approved"] }
    error_message = "Only the named event of this account may start a run."
  }
  assert {
    condition     = jsondecode(aws_iam_role.start.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:events:eu-central-1:123456789012:rule/${aws_cloudwatch_event_rule.this.name}"
    error_message = "Only the rule may use the role."
  }
  assert {
    condition     = aws_iam_role.start.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must stand under the boundary."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.start.policy).Statement[0].Resource == ["arn:aws:ecs:eu-central-1:123456789012:task-definition/pd-dev-training:*"]
    error_message = "Only this task may be started."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.start.policy).Statement[0].Condition.ArnEquals["ecs:cluster"] == "arn:aws:ecs:eu-central-1:123456789012:cluster/${aws_ecs_cluster.this.name}"
    error_message = "Only in this cluster."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.start.policy).Statement[1].Condition.StringEquals["iam:PassedToService"] == "ecs-tasks.amazonaws.com" && contains(jsondecode(aws_iam_role_policy.start.policy).Statement[1].Resource, var.task_role_arn)
    error_message = "Only the task's roles may be handed over, and only to ECS."
  }
}

run "tag_incorrect" {
  command = plan
  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pd-dev-training:latest"
  }
  expect_failures = [var.image]
}

run "retention_incorrect" {
  command = plan
  variables {
    environment        = "production"
    log_retention_days = 180
  }
  expect_failures = [var.log_retention_days]
}

run "retention_value_incorrect" {
  command = plan
  variables {
    log_retention_days = 366
  }
  expect_failures = [var.log_retention_days]
}

run "sizes_incorrect" {
  command = plan
  variables {
    cpu         = 3000
    storage_gib = 10
  }
  expect_failures = [var.cpu, var.storage_gib]
}

run "identity_incorrect" {
  command = plan
  variables {
    prefix        = "PD dev"
    environment   = "prod"
    account_id    = "1"
    task_role_arn = "trainer"
  }
  expect_failures = [var.prefix, var.environment, var.account_id, var.task_role_arn]
}

run "network_and_keys_incorrect" {
  command = plan
  variables {
    subnet_ids        = ["subnet-a", "subnet-a", "subnet-b"]
    security_group_id = "default"
    log_key_arn       = "alias/aws/logs"
    storage_key_arn   = "alias/aws/ebs"
  }
  expect_failures = [var.subnet_ids, var.security_group_id, var.log_key_arn, var.storage_key_arn]
}

run "aws_event_incorrect" {
  command = plan
  variables {
    started_by = { source = "aws.s3", detail_types = ["Object Created"] }
  }
  expect_failures = [var.started_by]
}

run "memory_incorrect" {
  command = plan
  variables {
    memory = 512
  }
  expect_failures = [var.memory]
}
