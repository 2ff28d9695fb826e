variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "dataset_keys" {
  description = "A key of its own for each dataset of personal data (folder in trusted to ARN): destroying it erases the snapshots that a lock keeps."
  type        = map(string)
  default     = {}

  # control: DAT-08
  validation {
    condition     = length(distinct(values(var.dataset_keys))) == length(var.dataset_keys) && alltrue([for arn in values(var.dataset_keys) : arn != var.key_arns.trusted])
    error_message = "dataset_keys (${join(", ", keys(var.dataset_keys))}) share a key with each other or with trusted; give each its own, else erasing one erases others."
  }
}

variable "environment" {
  description = "development, validation or production."
  type        = string

  validation {
    condition     = contains(["development", "validation", "production"], var.environment)
    error_message = "environment is \"${var.environment}\"; use development, validation or production."
  }
}

variable "key_arns" {
  description = "Key of each bucket."
  type = object({
    raw       = string
    trusted   = string
    protected = string
    artefacts = string
    audit     = string
  })

  # control: SEC-04
  validation {
    condition     = alltrue([for arn in values(var.key_arns) : can(regex("^arn:[a-z-]+:kms:${var.region}:${var.account_id}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "key_arns is ${jsonencode(var.key_arns)}; give keys of account ${var.account_id} in ${var.region} by ARN, no alias and no wildcard."
  }

  validation {
    condition     = !contains([var.key_arns.raw, var.key_arns.trusted, var.key_arns.artefacts, var.key_arns.audit], var.key_arns.protected) && !contains([var.key_arns.raw, var.key_arns.trusted, var.key_arns.artefacts], var.key_arns.audit)
    error_message = "key_arns gives protected or audit a key that another bucket has; protected attributes and the audit trail each need their own."
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

variable "retention" {
  description = "Days that each class of data lives: the bank's retention table. floors.yml holds the least."
  type = object({
    raw         = number
    trusted     = number
    protected   = number
    artefacts   = number
    audit       = number
    access-logs = number
  })

  validation {
    condition     = alltrue([for days in values(var.retention) : days >= 1 && floor(days) == days])
    error_message = "retention is ${jsonencode(var.retention)}; give whole days."
  }

  # control: DAT-08
  validation {
    condition     = alltrue([for class, days in var.retention : days >= try(local._floors[var.environment][class], 0)])
    error_message = "retention is ${jsonencode(var.retention)}, below the floor of ${var.environment}: ${jsonencode(try(local._floors[var.environment], {}))}."
  }
}

variable "with_account_block" {
  description = "Block public access for the whole account. Off only for an emulator that lacks it, or where the landing zone does it."
  type        = bool
  default     = true
}
