variable "access_log_bucket" {
  description = "Name of the bucket that takes the load balancer's access logs."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket is \"${var.access_log_bucket}\"; give the name of a bucket, not its ARN."
  }
}

variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "artefact_uri" {
  description = "Where MLflow keeps artefacts: s3://bucket/path."
  type        = string
  validation {
    condition     = can(regex("^s3://[a-z0-9][a-z0-9.-]+/.+", var.artefact_uri))
    error_message = "artefact_uri is \"${var.artefact_uri}\"; give s3://bucket/path."
  }
}

variable "backup_days" {
  description = "Days that automatic backups of the database are kept; at least 30 in production and 7 elsewhere."
  type        = number
  default     = 35
  # control: IR-04
  validation {
    condition     = var.backup_days <= 35 && var.backup_days >= (var.environment == "production" ? 30 : 7)
    error_message = "backup_days is ${var.backup_days}; production needs 30 to 35, the other environments 7 to 35."
  }
}

variable "balancer_security_group_id" {
  description = "Security group of the load balancer."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.balancer_security_group_id, "sg-")
    error_message = "balancer_security_group_id is \"${var.balancer_security_group_id}\"; give the id of a group, sg-…."
  }
}

variable "certificate_arn" {
  description = "Certificate of the load balancer, in ACM."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:acm:", var.certificate_arn))
    error_message = "certificate_arn is \"${var.certificate_arn}\"; give the ARN of a certificate in ACM."
  }
}

variable "client_ca" {
  description = "Bundle of the CA whose certificates clients must show: bucket and key. Needed when with_client_certificates is true."
  type        = object({ bucket = string, key = string })
  default     = null
  # control: IAM-04
  validation {
    condition     = var.client_ca != null || !var.with_client_certificates
    error_message = "client_ca is not given; name the bucket and key of the CA bundle, because with_client_certificates is true."
  }
}

variable "cpu" {
  description = "CPU units of a task (1024 are one CPU), one of Fargate's sizes."
  type        = number
  default     = 1024
  validation {
    condition     = contains([512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu is ${var.cpu}; Fargate takes 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "data_subnet_ids" {
  description = "Private data subnets of the database, one a zone."
  type        = list(string)
  # control: NET-01
  validation {
    condition     = length(var.data_subnet_ids) == 3 && length(distinct(var.data_subnet_ids)) == 3
    error_message = "data_subnet_ids is ${jsonencode(var.data_subnet_ids)}; give three different subnets."
  }
}

variable "database_ca_path" {
  description = "Path of the RDS certificate bundle in the image."
  type        = string
  default     = "/opt/redoubt/rds-ca.pem"
  validation {
    condition     = startswith(var.database_ca_path, "/")
    error_message = "database_ca_path is \"${var.database_ca_path}\"; give an absolute path."
  }
}

variable "database_class" {
  description = "Instance class of the database."
  type        = string
  default     = "db.t4g.medium"
  validation {
    condition     = startswith(var.database_class, "db.")
    error_message = "database_class is \"${var.database_class}\"; give one such as db.t4g.medium."
  }
}

variable "database_gib" {
  description = "Storage of the database in GiB; it grows by itself to four times that."
  type        = number
  default     = 50
  validation {
    condition     = var.database_gib >= 20 && var.database_gib <= 4096
    error_message = "database_gib is ${var.database_gib}; give 20 to 4096."
  }
}

variable "database_key_arn" {
  description = "Key that encrypts the database, its insights and its master secret."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.database_key_arn))
    error_message = "database_key_arn is \"${var.database_key_arn}\"; give the ARN of a key."
  }
}

variable "database_security_group_id" {
  description = "Security group of the database."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.database_security_group_id, "sg-")
    error_message = "database_security_group_id is \"${var.database_security_group_id}\"; give the id of a group, sg-…."
  }
}

variable "database_version" {
  description = "Major version of PostgreSQL; RDS takes the minor versions."
  type        = string
  default     = "17"
  validation {
    condition     = contains(["15", "16", "17"], var.database_version)
    error_message = "database_version is \"${var.database_version}\"; 15, 16 or 17 would do."
  }
}

variable "environment" {
  description = "Which environment this is."
  type        = string
  validation {
    condition     = contains(["development", "validation", "production"], var.environment)
    error_message = "environment is \"${var.environment}\"; development, validation or production would do."
  }
}

variable "host" {
  description = "Name that clients use and that the certificate holds."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9-]+)+$", var.host))
    error_message = "host is \"${var.host}\"; give a DNS name such as tracking.pd.bank.example."
  }
}

variable "image" {
  description = "Image by digest, from the registry of this environment."
  type        = string
  # control: SRV-07
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image is \"${var.image}\"; name it by digest: …@sha256:<64 hex digits>."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the logs."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.log_key_arn))
    error_message = "log_key_arn is \"${var.log_key_arn}\"; give the ARN of a key."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept; at least 365 in production."
  type        = number
  default     = 400
  # control: DAT-08
  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; CloudWatch takes 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
  # control: DAT-08
  validation {
    condition     = var.environment != "production" || var.log_retention_days >= 365
    error_message = "log_retention_days is ${var.log_retention_days}; production keeps logs for at least 365 days."
  }
}

variable "materials" {
  description = "Files that the service needs before it starts: file name -> full ARN of a secret in Secrets Manager."
  type        = map(string)
  # control: NET-04
  validation {
    condition     = alltrue([for name in ["tls.pem", "tls-key.pem"] : contains(keys(var.materials), name)])
    error_message = "materials names ${join(", ", keys(var.materials))}; it needs tls.pem, tls-key.pem."
  }
  validation {
    condition     = alltrue([for name in keys(var.materials) : can(regex("^[a-z0-9][a-z0-9._-]*$", name))])
    error_message = "materials names ${join(", ", keys(var.materials))}; use plain file names of lower-case letters, digits, dots and hyphens."
  }
  # control: SRV-07
  # control: SEC-02
  validation {
    condition     = alltrue([for arn in values(var.materials) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*:]+$", arn))])
    error_message = "materials must name secrets by their full ARN, without JSON key and without wildcard; ${join(", ", keys(var.materials))} were given."
  }
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
  default     = 4096
  validation {
    condition     = var.memory >= 2 * var.cpu && var.memory <= 8 * var.cpu
    error_message = "memory is ${var.memory} MiB with cpu ${var.cpu}; Fargate takes 2 to 8 times the CPU units."
  }
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
}

variable "permissions_boundary_arn" {
  description = "Boundary of the roles that this module makes."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is \"${var.permissions_boundary_arn}\"; give the ARN of a policy."
  }
}

variable "prefix" {
  description = "Project and environment, such as pd-prod; at most 23 characters, because names of load balancers end at 32."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,21}[a-z0-9]$", var.prefix))
    error_message = "prefix is \"${var.prefix}\"; give 3 to 23 lower-case letters, digits or hyphens."
  }
}

variable "python" {
  description = "Path of the interpreter in the image."
  type        = string
  default     = "/opt/venv/bin/python"
  validation {
    condition     = startswith(var.python, "/")
    error_message = "python is \"${var.python}\"; give an absolute path."
  }
}

variable "region" {
  description = "Region of this environment."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; give one such as eu-central-1."
  }
}

variable "repository_arn" {
  description = "Repository of the image."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:ecr:", var.repository_arn))
    error_message = "repository_arn is \"${var.repository_arn}\"; give the ARN of a repository."
  }
}

variable "secret_key_arns" {
  description = "Keys that encrypt the materials."
  type        = list(string)
  validation {
    condition     = length(var.secret_key_arns) > 0 && alltrue([for arn in var.secret_key_arns : can(regex("^arn:[a-z-]+:kms:", arn))])
    error_message = "secret_key_arns is ${jsonencode(var.secret_key_arns)}; give the ARN of at least one key."
  }
}

variable "settings" {
  description = "Settings that are not secret, by name."
  type        = map(string)
  default     = {}
}

variable "storage_key_arn" {
  description = "Key that encrypts the tasks' temporary storage."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.storage_key_arn))
    error_message = "storage_key_arn is \"${var.storage_key_arn}\"; give the ARN of a key."
  }
}

variable "subnet_ids" {
  description = "Private workload subnets of the tasks and the load balancer, one a zone."
  type        = list(string)
  # control: NET-01
  validation {
    condition     = length(var.subnet_ids) == 3 && length(distinct(var.subnet_ids)) == 3
    error_message = "subnet_ids is ${jsonencode(var.subnet_ids)}; give three different subnets."
  }
}

variable "task_role_arn" {
  description = "Role that the code acts as (from identity)."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.task_role_arn))
    error_message = "task_role_arn is \"${var.task_role_arn}\"; give the ARN of a role."
  }
}

variable "task_security_group_id" {
  description = "Security group of the tracking tasks."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.task_security_group_id, "sg-")
    error_message = "task_security_group_id is \"${var.task_security_group_id}\"; give the id of a group, sg-…."
  }
}

variable "tls_policy" {
  description = "TLS policy of the listener; TLS 1.2 with forward secrecy is the least."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  # control: NET-04
  validation {
    condition     = contains(["ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"], var.tls_policy)
    error_message = "tls_policy is \"${var.tls_policy}\"; take ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or another TLS13 policy that offers neither TLS 1.0, TLS 1.1 nor the Ext ciphers."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer's targets."
  type        = string
  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id is \"${var.vpc_id}\"; give the id of a VPC, vpc-…."
  }
}

variable "with_client_certificates" {
  description = "Whether the load balancer demands a client certificate. Switch it off only for an emulator that lacks trust stores."
  type        = bool
  default     = true
}

variable "with_standby" {
  description = "Whether the database has a standby in a second zone."
  type        = bool
  default     = true
  # control: IR-04
  validation {
    condition     = var.environment != "production" || var.with_standby
    error_message = "with_standby is ${var.with_standby}; production needs the standby."
  }
}
