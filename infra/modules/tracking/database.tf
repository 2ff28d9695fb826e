# MLflow's PostgreSQL: private, encrypted, TLS only, backed up, watched, hard to delete.
resource "aws_db_instance" "this" {
  identifier     = local.database
  engine         = "postgres"
  engine_version = var.database_version
  instance_class = var.database_class
  db_name        = "mlflow"

  # AWS makes and rotates the master password; nobody and no state file sees it.
  # control: SEC-02
  username                      = "redoubt"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.database_key_arn
  # People log in with a token of their role instead.
  # control: IAM-03
  iam_database_authentication_enabled = true

  # control: NET-01
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.database_security_group_id]
  multi_az               = var.with_standby

  allocated_storage     = var.database_gib
  max_allocated_storage = 4 * var.database_gib
  storage_type          = "gp3"
  # control: SEC-04
  storage_encrypted = true
  kms_key_id        = var.database_key_arn

  # control: NET-04
  parameter_group_name = aws_db_parameter_group.this.name
  ca_cert_identifier   = "rds-ca-rsa2048-g1"

  # control: IR-04
  backup_retention_period   = var.backup_days
  backup_window             = "01:00-02:00"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "${local.database}-final"

  maintenance_window         = "sun:04:00-sun:05:00"
  auto_minor_version_upgrade = true
  apply_immediately          = false

  # control: MON-02
  enabled_cloudwatch_logs_exports       = keys(aws_cloudwatch_log_group.database)
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.database_key_arn
  performance_insights_retention_period = 7
}

resource "aws_db_subnet_group" "this" {
  name        = local.database
  description = "Private data subnets of ${var.prefix}."
  subnet_ids  = var.data_subnet_ids
}

locals {
  database = "${var.prefix}-tracking"
}
