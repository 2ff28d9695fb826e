variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "log_group_arns" {
  description = "Log groups that the task may write to, by ARN without the :* behind."
  type        = list(string)
  validation {
    condition     = length(var.log_group_arns) > 0 && alltrue([for arn in var.log_group_arns : !endswith(arn, "*")])
    error_message = "log_group_arns is ${jsonencode(var.log_group_arns)}; name at least one log group, without :* behind."
  }
}

variable "name" {
  description = "Name of the workload: serving, tracking, training."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,20}$", var.name))
    error_message = "name is \"${var.name}\"; give 3 to 21 lower-case letters, digits or hyphens."
  }
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is \"${var.permissions_boundary_arn}\"; give the ARN of a policy."
  }
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
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; give one such as eu-central-1."
  }
}

variable "repository_arns" {
  description = "Repositories that the task's images come from."
  type        = list(string)
  validation {
    condition     = length(var.repository_arns) > 0 && alltrue([for arn in var.repository_arns : can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+$", arn))])
    error_message = "repository_arns is ${jsonencode(var.repository_arns)}; give ARNs of repositories, none with a wildcard."
  }
}

variable "secret_arns" {
  description = "Secrets that are handed to containers, by ARN without JSON key."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*:]+$", arn))])
    error_message = "secret_arns is ${jsonencode(var.secret_arns)}; give full ARNs, no wildcard and no JSON key."
  }
}

variable "secret_key_arns" {
  description = "Keys that encrypt those secrets."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.secret_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", arn))])
    error_message = "secret_key_arns is ${jsonencode(var.secret_key_arns)}; give ARNs of keys, not of aliases, none with a wildcard."
  }
  validation {
    condition     = length(var.secret_arns) == 0 || length(var.secret_key_arns) > 0
    error_message = "secret_arns names ${length(var.secret_arns)} secrets and secret_key_arns no key; add the key that encrypts them."
  }
}
