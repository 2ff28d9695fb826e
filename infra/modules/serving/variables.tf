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

variable "balancer_security_group_id" {
  description = "Security group of the load balancer; it needs no rule inwards."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.balancer_security_group_id, "sg-")
    error_message = "balancer_security_group_id is \"${var.balancer_security_group_id}\"; give the id of a group, sg-…."
  }
}

variable "caller_arns" {
  description = "Roles of the applications that may call, exact."
  type        = list(string)
  # control: NET-05
  validation {
    condition     = length(var.caller_arns) > 0 && alltrue([for arn in var.caller_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "caller_arns is ${jsonencode(var.caller_arns)}; give ARNs of roles, none with a wildcard."
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

variable "cpu" {
  description = "CPU units of a task (1024 are one CPU), one of Fargate's sizes."
  type        = number
  default     = 1024
  validation {
    condition     = contains([512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu is ${var.cpu}; Fargate takes 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "endpoint_id" {
  description = "The execute-api interface endpoint, the only door."
  type        = string
  # control: NET-05
  validation {
    condition     = startswith(var.endpoint_id, "vpce-")
    error_message = "endpoint_id is \"${var.endpoint_id}\"; give the id of the execute-api endpoint, vpce-…."
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
  description = "Name that the load balancer's certificate holds; the gateway verifies it."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9-]+)+$", var.host))
    error_message = "host is \"${var.host}\"; give a DNS name such as serving.pd.bank.example."
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
    condition     = alltrue([for name in ["tls.pem", "tls-key.pem", "anchors.json", "jwks.json"] : contains(keys(var.materials), name)])
    error_message = "materials names ${join(", ", keys(var.materials))}; it needs tls.pem, tls-key.pem, anchors.json, jwks.json."
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

variable "organisation_id" {
  description = "Organisation whose principals may call."
  type        = string
  # control: NET-02
  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organisation_id))
    error_message = "organisation_id is \"${var.organisation_id}\"; give one such as o-a1b2c3d4e5."
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

variable "requests_burst" {
  description = "Requests that the stage lets through at once."
  type        = number
  default     = 100
  # control: SRV-05
  validation {
    condition     = var.requests_burst >= 1 && var.requests_burst <= 2000
    error_message = "requests_burst is ${var.requests_burst}; give 1 to 2000."
  }
}

variable "requests_per_address" {
  description = "Requests of one address in five minutes before WAF blocks it."
  type        = number
  default     = 10000
  # control: SRV-05
  validation {
    condition     = var.requests_per_address >= 100 && var.requests_per_address <= 100000
    error_message = "requests_per_address is ${var.requests_per_address}; give 100 to 100000."
  }
}

variable "requests_per_second" {
  description = "Requests a second that the stage lets through."
  type        = number
  default     = 50
  # control: SRV-05
  validation {
    condition     = var.requests_per_second >= 1 && var.requests_per_second <= 1000
    error_message = "requests_per_second is ${var.requests_per_second}; give 1 to 1000."
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
  description = "Security group of the serving tasks."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.task_security_group_id, "sg-")
    error_message = "task_security_group_id is \"${var.task_security_group_id}\"; give the id of a group, sg-…."
  }
}

variable "tasks_least" {
  description = "Least number of tasks; at least 2 in production."
  type        = number
  default     = 2
  validation {
    condition     = var.tasks_least >= (var.environment == "production" ? 2 : 1)
    error_message = "tasks_least is ${var.tasks_least}; production needs 2, the other environments 1."
  }
}

variable "tasks_most" {
  description = "Greatest number of tasks."
  type        = number
  default     = 6
  validation {
    condition     = var.tasks_most >= var.tasks_least
    error_message = "tasks_most is ${var.tasks_most}, below tasks_least (${var.tasks_least})."
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
