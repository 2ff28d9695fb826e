variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "copy_vault_arn" {
  description = "Vault in another account or region that receives a copy of every backup."
  type        = string

  # control: IR-04
  validation {
    condition = can(regex("^arn:[a-z-]+:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[A-Za-z0-9_-]{2,50}$", var.copy_vault_arn)) && !startswith(
      var.copy_vault_arn, "arn:${var.partition}:backup:${var.region}:${var.account_id}:"
    )
    error_message = "copy_vault_arn is \"${var.copy_vault_arn}\"; give a vault of another account or another region than ${var.account_id} in ${var.region}: a copy beside the original falls with it."
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

variable "key_arn" {
  description = "Key that encrypts the vault (purpose backup)."
  type        = string

  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.key_arn))
    error_message = "key_arn is \"${var.key_arn}\"; give the full ARN of a key, not of an alias."
  }
}

variable "lock" {
  description = "Vault lock: the least and most days that a backup may stay, and the days until a production lock can never be taken off again."
  type = object({
    min_days   = optional(number, 35)
    max_days   = optional(number, 3653)
    grace_days = optional(number, 3)
  })
  default = {}

  # control: IR-04
  validation {
    condition     = var.lock.min_days >= 1 && var.lock.max_days <= 36500 && var.lock.min_days <= var.lock.max_days && var.lock.grace_days >= 3 && var.lock.grace_days <= 30
    error_message = "lock is ${jsonencode(var.lock)}; min_days is at least 1 and at most max_days, max_days at most 36500, grace_days 3 to 30."
  }

  # control: IR-04
  validation {
    condition     = var.environment != "production" || var.lock.min_days >= 35
    error_message = "lock.min_days is ${var.lock.min_days}; production keeps every backup for at least 35 days."
  }
}

variable "organisation_id" {
  description = "Organisation outside of which nobody copies or restores."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organisation_id))
    error_message = "organisation_id is \"${var.organisation_id}\"; give o- and 10 to 32 letters or digits."
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

variable "resource_arns" {
  description = "Buckets and databases that are backed up whatever tag they carry, by a name of your choice."
  type        = map(string)

  # control: IR-04
  validation {
    condition = length(var.resource_arns) > 0 && alltrue([
      for arn in values(var.resource_arns) : can(regex("^arn:[a-z-]+:(s3:::[a-z0-9.-]+|rds:[a-z0-9-]+:[0-9]{12}:db:[a-z0-9-]+)$", arn))
    ])
    error_message = "resource_arns is ${jsonencode(var.resource_arns)}; name at least one bucket or database by full ARN, without a wildcard."
  }
}

variable "restore" {
  description = "The restore test: its schedule, and per kind (RDS, S3) the ARNs and where the restored copy lives (dbSubnetGroupName, vpcSecurityGroupIds, …)."
  type = object({
    schedule = optional(string, "cron(0 4 1 * ? *)")
    kinds = map(object({
      arns     = list(string)
      metadata = optional(map(string), {})
    }))
  })

  # control: IR-04
  validation {
    condition     = length(var.restore.kinds) > 0 && alltrue([for kind in keys(var.restore.kinds) : contains(["RDS", "S3"], kind)])
    error_message = "restore.kinds is ${jsonencode(keys(var.restore.kinds))}; name RDS, S3 or both: a backup that is never restored is a hope."
  }

  # control: IR-04
  validation {
    condition     = alltrue([for kind in values(var.restore.kinds) : length(kind.arns) > 0 && length(setsubtract(kind.arns, values(var.resource_arns))) == 0])
    error_message = "restore.kinds has ${jsonencode([for kind in values(var.restore.kinds) : kind.arns])}; name at least one ARN of each kind, all of them in resource_arns."
  }

  # control: NET-01
  validation {
    condition     = alltrue([for kind in values(var.restore.kinds) : lookup(kind.metadata, "publiclyAccessible", "false") == "false"])
    error_message = "restore.kinds sets publiclyAccessible to \"${join(", ", [for kind in values(var.restore.kinds) : lookup(kind.metadata, "publiclyAccessible", "false")])}\"; a restored copy is as private as the original: leave it out."
  }

  validation {
    condition     = can(regex("^cron\\(\\S+( \\S+){5}\\)$", var.restore.schedule))
    error_message = "restore.schedule is \"${var.restore.schedule}\"; give cron(…) with six fields."
  }
}

variable "rules" {
  description = "When backups are made and for how many days they and their copies stay, by name."
  type = map(object({
    schedule  = string
    keep_days = number
  }))
  default = {
    daily   = { schedule = "cron(0 1 * * ? *)", keep_days = 35 }
    monthly = { schedule = "cron(0 2 1 * ? *)", keep_days = 365 }
  }

  # control: IR-04
  validation {
    condition     = length(var.rules) > 0 && alltrue([for rule in values(var.rules) : rule.keep_days >= var.lock.min_days && rule.keep_days <= var.lock.max_days])
    error_message = "rules keep for ${jsonencode([for rule in values(var.rules) : rule.keep_days])} days; the vault lock takes ${var.lock.min_days} to ${var.lock.max_days}, and refuses every other backup."
  }

  # control: IR-04
  validation {
    condition     = anytrue([for rule in values(var.rules) : can(regex("^cron\\(\\d+ \\d+ (\\*|\\?) \\* (\\*|\\?) \\*\\)$", rule.schedule))])
    error_message = "rules run at ${jsonencode([for rule in values(var.rules) : rule.schedule])}; at least one runs every day, such as cron(0 1 * * ? *)."
  }
}

variable "source_key_arns" {
  description = "Keys of what is backed up."
  type        = list(string)

  validation {
    condition     = alltrue([for arn in var.source_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", arn))])
    error_message = "source_key_arns is ${jsonencode(var.source_key_arns)}; give full ARNs of keys, none with a wildcard."
  }
}

variable "tag" {
  description = "Tag whose bearers are backed up."
  type        = object({ key = string, value = string })
  default     = { key = "backup", value = "daily" }

  validation {
    condition     = can(regex("^[A-Za-z0-9:/_.-]{1,128}$", var.tag.key)) && can(regex("^[A-Za-z0-9:/_.-]{1,256}$", var.tag.value))
    error_message = "tag is ${jsonencode(var.tag)}; give one exact key and value."
  }
}
