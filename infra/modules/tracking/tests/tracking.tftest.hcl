# MLflow is private, over TLS on every hop, and its database is encrypted, backed up and kept.
mock_provider "aws" {
  override_during = plan
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/mocked", id = "arn:aws:ecs:eu-central-1:123456789012:cluster/mocked" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/mocked:1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/mocked" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/mocked/1" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/mocked/1" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/mocked/1/2" }
  }
  mock_resource "aws_lb_trust_store" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:truststore/mocked/1" }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      arn                = "arn:aws:rds:eu-central-1:123456789012:db:mocked"
      address            = "mocked.eu-central-1.rds.amazonaws.com"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-mocked", kms_key_id = "", secret_status = "active" }]
    }
  }
}

variables {
  prefix                     = "pd-dev"
  environment                = "development"
  account_id                 = "123456789012"
  region                     = "eu-central-1"
  permissions_boundary_arn   = "arn:aws:iam::123456789012:policy/pd-dev-boundary"
  image                      = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pd-dev-tracking@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  repository_arn             = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-dev-tracking"
  log_key_arn                = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  storage_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/data"
  database_key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/3"
  secret_key_arns            = ["arn:aws:kms:eu-central-1:123456789012:key/2"]
  task_role_arn              = "arn:aws:iam::123456789012:role/pd-dev-tracking"
  vpc_id                     = "vpc-0123"
  subnet_ids                 = ["subnet-a", "subnet-b", "subnet-c"]
  data_subnet_ids            = ["subnet-d", "subnet-e", "subnet-f"]
  balancer_security_group_id = "sg-balancer"
  task_security_group_id     = "sg-task"
  database_security_group_id = "sg-database"
  access_log_bucket          = "pd-dev-access-logs-123456789012"
  certificate_arn            = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
  artefact_uri               = "s3://pd-dev-artefacts-123456789012/mlflow"
  host                       = "tracking.pd.bank.example"
  client_ca                  = { bucket = "pd-dev-artefacts-123456789012", key = "ca.pem" }
  materials = {
    "tls.pem"     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a"
    "tls-key.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a"
  }
}

run "database_correct" {
  command = plan
  assert {
    condition     = aws_db_instance.this.publicly_accessible == false && aws_db_instance.this.vpc_security_group_ids == toset(["sg-database"])
    error_message = "The database must be private, in its own security group."
  }
  assert {
    condition     = aws_db_subnet_group.this.subnet_ids == toset(var.data_subnet_ids)
    error_message = "The database must stand in the data subnets."
  }
  assert {
    condition     = aws_db_instance.this.storage_encrypted == true && aws_db_instance.this.kms_key_id == var.database_key_arn && aws_db_instance.this.performance_insights_kms_key_id == var.database_key_arn
    error_message = "Storage and insights must be under the database key."
  }
  assert {
    condition     = aws_db_instance.this.manage_master_user_password == true && aws_db_instance.this.master_user_secret_kms_key_id == var.database_key_arn && aws_db_instance.this.password == null
    error_message = "AWS must manage the master password."
  }
  assert {
    condition     = aws_db_instance.this.iam_database_authentication_enabled == true
    error_message = "People must be able to log in by their role."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection == true && aws_db_instance.this.skip_final_snapshot == false && aws_db_instance.this.delete_automated_backups == false
    error_message = "The database must be hard to lose."
  }
  assert {
    condition     = aws_db_instance.this.backup_retention_period == 35 && aws_db_instance.this.monitoring_interval == 60
    error_message = "The database must be backed up and watched."
  }
  assert {
    condition     = aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(["postgresql", "upgrade"])
    error_message = "The database's logs must leave it."
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.database : g.kms_key_id == var.log_key_arn && g.retention_in_days == 400])
    error_message = "The database's logs must be encrypted and kept."
  }
  assert {
    condition     = { for p in aws_db_parameter_group.this.parameter : p.name => p.value if contains(["rds.force_ssl", "ssl_min_protocol_version", "pgaudit.log", "log_connections"], p.name) } == { "rds.force_ssl" = "1", "ssl_min_protocol_version" = "TLSv1.2", "pgaudit.log" = "ddl,role", "log_connections" = "1" }
    error_message = "PostgreSQL must refuse plain text and write down connections, tables and roles."
  }
  assert {
    condition     = aws_db_instance.this.multi_az == true
    error_message = "A standby must be there unless it is switched off."
  }
}

run "production_correct" {
  command = plan
  variables {
    environment = "production"
  }
  assert {
    condition     = aws_db_instance.this.multi_az == true && aws_ecs_service.this.desired_count == 2
    error_message = "Production must survive a zone."
  }
}

run "balancer_correct" {
  command = plan
  assert {
    condition     = aws_lb.this.internal == true && aws_lb.this.security_groups == toset(["sg-balancer"])
    error_message = "The load balancer must be private."
  }
  assert {
    condition     = aws_lb.this.drop_invalid_header_fields == true && aws_lb.this.enable_deletion_protection == true && aws_lb.this.desync_mitigation_mode == "strictest" && aws_lb.this.access_logs[0].enabled == true
    error_message = "The load balancer must be hardened and logged."
  }
  assert {
    condition     = aws_lb_listener.this.protocol == "HTTPS" && aws_lb_listener.this.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    error_message = "The listener must speak TLS only."
  }
  assert {
    condition     = aws_lb_listener.this.mutual_authentication[0].mode == "verify" && aws_lb_listener.this.mutual_authentication[0].ignore_client_certificate_expiry == false
    error_message = "Clients must show a certificate."
  }
  assert {
    condition     = aws_lb_target_group.this.protocol == "HTTPS" && aws_lb_target_group.this.health_check[0].protocol == "HTTPS"
    error_message = "The way to the tasks must be TLS too."
  }
}

run "task_correct" {
  command = plan
  assert {
    condition     = [for c in jsondecode(aws_ecs_task_definition.this.container_definitions) : c.name] == ["materials", "tracking"]
    error_message = "The task holds two containers."
  }
  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.this.container_definitions) : c.readonlyRootFilesystem && c.user == "10001:10001" && c.linuxParameters.capabilities.drop == ["ALL"] && c.image == var.image])
    error_message = "Both containers must be hardened and pinned."
  }
  assert {
    condition     = [for s in jsondecode(aws_ecs_task_definition.this.container_definitions)[1].secrets : s] == [{ name = "PGPASSWORD", valueFrom = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-mocked:password::" }]
    error_message = "The server must get the database password by ARN and no other secret."
  }
  assert {
    condition     = [for e in jsondecode(aws_ecs_task_definition.this.container_definitions)[1].environment : e.value if e.name == "PGSSLMODE"] == ["verify-full"]
    error_message = "The server must verify the database."
  }
  assert {
    condition     = contains(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].command, "--ssl-certfile /run/redoubt/tls.pem --ssl-keyfile /run/redoubt/tls-key.pem")
    error_message = "The server must listen over TLS."
  }
  assert {
    condition     = [for m in jsondecode(aws_ecs_task_definition.this.container_definitions)[1].mountPoints : m.readOnly if m.sourceVolume == "material"] == [true]
    error_message = "The server must not be able to change its files."
  }
  assert {
    condition     = aws_ecs_service.this.network_configuration[0].assign_public_ip == false && aws_ecs_service.this.enable_execute_command == false
    error_message = "Tasks must have no public address and no shell."
  }
  assert {
    condition     = aws_ecs_cluster.this.configuration[0].managed_storage_configuration[0].fargate_ephemeral_storage_kms_key_id == var.storage_key_arn
    error_message = "Temporary storage must be under the project's key."
  }
}

run "roles_correct" {
  command = plan
  assert {
    condition     = jsondecode(aws_iam_role.monitoring.assume_role_policy).Statement[0].Condition.StringEquals == { "aws:SourceAccount" = "123456789012", "aws:SourceArn" = "arn:aws:rds:eu-central-1:123456789012:db:pd-dev-tracking" }
    error_message = "Only this database may use the monitoring role."
  }
  assert {
    condition     = jsondecode(aws_iam_role.renew.assume_role_policy).Statement[0].Principal == { Service = "scheduler.amazonaws.com" } && jsondecode(aws_iam_role.renew.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Only the scheduler of this account may renew tasks."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.renew.policy).Statement[0].Resource == ["arn:aws:ecs:eu-central-1:123456789012:service/pd-dev-tracking/pd-dev-tracking"]
    error_message = "Only this service may be renewed."
  }
  assert {
    condition     = aws_iam_role.monitoring.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.renew.permissions_boundary == var.permissions_boundary_arn
    error_message = "Roles must stand under the boundary."
  }
  assert {
    condition     = aws_secretsmanager_secret_rotation.this.rotation_rules[0].schedule_expression == "cron(0 2 ? * SUN *)" && aws_scheduler_schedule.this.schedule_expression == "cron(15 3 ? * SUN *)"
    error_message = "New tasks must start after the password has changed."
  }
}

run "weak_tls_incorrect" {
  command = plan
  variables {
    tls_policy = "ELBSecurityPolicy-2016-08"
  }
  expect_failures = [var.tls_policy]
}

run "tls_with_weak_ciphers_incorrect" {
  command = plan
  variables {
    tls_policy = "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"
  }
  expect_failures = [var.tls_policy]
}

run "without_client_ca_incorrect" {
  command = plan
  variables {
    client_ca = null
  }
  expect_failures = [var.client_ca]
}

run "without_tls_key_incorrect" {
  command = plan
  variables {
    materials = { "tls.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a" }
  }
  expect_failures = [var.materials]
}

run "short_backup_incorrect" {
  command = plan
  variables {
    environment = "production"
    backup_days = 7
  }
  expect_failures = [var.backup_days]
}

run "short_retention_incorrect" {
  command = plan
  variables {
    environment        = "production"
    log_retention_days = 90
  }
  expect_failures = [var.log_retention_days]
}

run "tag_incorrect" {
  command = plan
  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pd-dev-tracking:1"
  }
  expect_failures = [var.image]
}

run "names_incorrect" {
  command = plan
  variables {
    host                       = "tracking"
    artefact_uri               = "/tmp"
    access_log_bucket          = "arn:aws:s3:::logs"
    database_version           = "9"
    data_subnet_ids            = ["subnet-a"]
    database_security_group_id = "default"
    certificate_arn            = "none"
    database_key_arn           = "alias/aws/rds"
  }
  expect_failures = [
    var.host, var.artefact_uri, var.access_log_bucket, var.database_version, var.data_subnet_ids,
    var.database_security_group_id, var.certificate_arn, var.database_key_arn,
  ]
}

run "long_prefix_incorrect" {
  command = plan
  variables {
    prefix = "a-prefix-of-28-characters-xx"
  }
  expect_failures = [var.prefix]
}

run "production_without_standby_incorrect" {
  command = plan
  variables {
    environment  = "production"
    with_standby = false
  }
  expect_failures = [var.with_standby]
}
