variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "administrators" {
  description = "ARNs of the roles that administer the state's key and may not use it."
  type        = list(string)

  validation {
    condition = length(var.administrators) > 0 && alltrue([
      for arn in var.administrators : can(regex("^arn:[a-z-]+:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ])
    error_message = "administrators is ${jsonencode(var.administrators)}; name at least one role of account ${var.account_id} by its full ARN, without a wildcard."
  }

  # control: SEC-05
  validation {
    condition     = length(setintersection(var.administrators, var.users)) == 0
    error_message = "administrators and users share ${jsonencode(setintersection(var.administrators, var.users))}; who administers the key may not read the state: name two roles."
  }
}

variable "organisation_id" {
  description = "The bank's AWS organisation; everybody else is refused."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organisation_id))
    error_message = "organisation_id is \"${var.organisation_id}\"; give one such as o-a1b2c3d4e5, never a wildcard."
  }
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role; null only for the bootstrap, when the account has none yet."
  type        = string

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is \"${coalesce(var.permissions_boundary_arn, "null")}\"; give the ARN of a policy, or null in the bootstrap."
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

variable "users" {
  description = "ARNs of the roles that may take the state's role: who plans and applies. They need not exist yet."
  type        = list(string)

  # control: NET-06
  validation {
    condition = length(var.users) > 0 && alltrue([
      for arn in var.users : can(regex("^arn:[a-z-]+:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ])
    error_message = "users is ${jsonencode(var.users)}; name at least one role of account ${var.account_id} by its full ARN: no wildcard, no other environment's."
  }
}

variable "version_days" {
  description = "Days that an overwritten state can still be brought back."
  type        = number
  default     = 365

  validation {
    condition     = var.version_days >= 90
    error_message = "version_days is ${var.version_days}; a state is kept for at least 90 days after it was overwritten."
  }
}
