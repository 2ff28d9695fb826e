# What PostgreSQL itself enforces and writes down.
resource "aws_db_parameter_group" "this" {
  name        = "${local.database}-postgres${var.database_version}"
  description = "TLS only, and an audit trail of roles and tables."
  family      = "postgres${var.database_version}"

  # control: NET-04
  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "immediate"
  }

  # control: NET-04
  parameter {
    name         = "ssl_min_protocol_version"
    value        = "TLSv1.2"
    apply_method = "immediate"
  }

  # control: MON-02
  parameter {
    name         = "log_connections"
    value        = "1"
    apply_method = "immediate"
  }

  # control: MON-02
  parameter {
    name         = "log_disconnections"
    value        = "1"
    apply_method = "immediate"
  }

  # Statements that change tables and roles; queries would put data into the log.
  # control: MON-02
  parameter {
    name         = "log_statement"
    value        = "ddl"
    apply_method = "immediate"
  }

  # Parameters of failed statements would put data into the log.
  parameter {
    name         = "log_parameter_max_length_on_error"
    value        = "0"
    apply_method = "immediate"
  }

  parameter {
    name         = "shared_preload_libraries"
    value        = "pg_stat_statements,pgaudit"
    apply_method = "pending-reboot"
  }

  # control: MON-02
  parameter {
    name         = "pgaudit.log"
    value        = "ddl,role"
    apply_method = "immediate"
  }

  lifecycle {
    create_before_destroy = true
  }
}
