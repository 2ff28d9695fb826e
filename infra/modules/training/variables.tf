variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "command" {
  description = "Arguments of the training container, one word an entry."
  type        = list(string)
  default     = ["train"]
}

variable "cpu" {
  description = "CPU units of the task (1024 are one CPU), one of Fargate's sizes."
  type        = number
  default     = 4096
  validation {
    condition     = contains([1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu is ${var.cpu}; Fargate takes 1024, 2048, 4096, 8192 or 16384."
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

variable "image" {
  description = "Training image by digest, from the registry of this environment."
  type        = string
  # control: TRN-03
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

variable "memory" {
  description = "Memory of the task in MiB."
  type        = number
  default     = 16384
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
}

variable "prefix" {
  description = "Project and environment, such as pd-prod."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.prefix))
    error_message = "prefix is \"${var.prefix}\"; give 3 to 32 lower-case letters, digits or hyphens."
  }
}

variable "region" {
  description = "Region of this environment."
  type        = string
}

variable "repository_arn" {
  description = "Repository of the training image."
  type        = string
}

variable "secret_key_arns" {
  description = "Keys that encrypt the secrets."
  type        = list(string)
  default     = []
}

variable "secrets" {
  description = "Secrets by the name under which the container sees them: full ARNs in Secrets Manager."
  type        = map(string)
  default     = {}
}

variable "security_group_id" {
  description = "Security group of the training task: it reaches endpoints only."
  type        = string
  validation {
    condition     = startswith(var.security_group_id, "sg-")
    error_message = "security_group_id is \"${var.security_group_id}\"; give the id of a group, sg-…"
  }
}

variable "settings" {
  description = "Settings that are not secret, by name."
  type        = map(string)
  default     = {}
}

variable "started_by" {
  description = "The event that starts a training run: its source and detail types, exact."
  type = object({
    source       = string
    detail_types = list(string)
  })
  validation {
    condition     = !startswith(var.started_by.source, "aws.") && length(var.started_by.detail_types) > 0
    error_message = "started_by is source \"${var.started_by.source}\" with ${length(var.started_by.detail_types)} detail types; give a source of your own and at least one detail type."
  }
}

variable "storage_key_arn" {
  description = "Key that encrypts the task's temporary storage."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.storage_key_arn))
    error_message = "storage_key_arn is \"${var.storage_key_arn}\"; give the ARN of a key."
  }
}

variable "storage_gib" {
  description = "Temporary storage of the task in GiB."
  type        = number
  default     = 50
  validation {
    condition     = var.storage_gib >= 21 && var.storage_gib <= 200
    error_message = "storage_gib is ${var.storage_gib}; Fargate takes 21 to 200."
  }
}

variable "subnet_ids" {
  description = "Private subnets that the task may run in, one a zone."
  type        = list(string)
  validation {
    condition     = length(var.subnet_ids) == 3 && length(distinct(var.subnet_ids)) == 3
    error_message = "subnet_ids is ${jsonencode(var.subnet_ids)}; give three different subnets."
  }
}

variable "task_role_arn" {
  description = "Role that the training code acts as (from identity)."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.task_role_arn))
    error_message = "task_role_arn is \"${var.task_role_arn}\"; give the ARN of a role."
  }
}
