variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
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

variable "kept_images" {
  description = "How many candidate images (tags candidate-…) stay in a repository; releases always stay."
  type        = number
  default     = 50

  validation {
    condition     = var.kept_images >= 10 && var.kept_images <= 1000
    error_message = "kept_images is ${var.kept_images}; keep 10 to 1000, so that a rollback still finds its image."
  }
}

variable "key_arn" {
  description = "Key that encrypts the images (purpose registry)."
  type        = string

  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.key_arn))
    error_message = "key_arn is \"${var.key_arn}\"; give the full ARN of a key, not of an alias."
  }
}

variable "organisation_id" {
  description = "Organisation outside of which nobody pulls or pushes."
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

variable "prefix" {
  description = "Project and environment, such as pd-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.prefix))
    error_message = "prefix is \"${var.prefix}\"; give 3 to 32 lower-case letters, digits or hyphens."
  }
}

variable "repositories" {
  description = <<-EOT
    Repositories by workload, and who uses them, by role ARN: pullers start tasks or read images, pushers put images
    (in production the deployer alone, as a copy of what validation approved), copiers are the deployer of the
    environment above, in its own account, which reads only.
  EOT
  type = map(object({
    pullers = list(string)
    pushers = list(string)
    copiers = optional(list(string), [])
  }))

  validation {
    condition     = length(var.repositories) > 0 && alltrue([for name in keys(var.repositories) : can(regex("^[a-z][a-z0-9-]{2,30}$", name))])
    error_message = "repositories are ${jsonencode(keys(var.repositories))}; name at least one, each 3 to 31 lower-case letters, digits or hyphens."
  }

  # control: NET-06
  validation {
    condition = alltrue(flatten([for access in values(var.repositories) : [
      for arn in concat(access.pullers, access.pushers) : can(regex("^arn:[a-z-]+:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ]]))
    error_message = "pullers and pushers are ${jsonencode([for access in values(var.repositories) : concat(access.pullers, access.pushers)])}; name roles of account ${var.account_id} by full ARN, no wildcard, no root: an image moves between accounts as a copy by the environment above."
  }

  # control: NET-06
  validation {
    condition = alltrue(flatten([for access in values(var.repositories) : [
      for arn in access.copiers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+-deployer$", arn)) && !strcontains(arn, "::${var.account_id}:")
    ]]))
    error_message = "copiers are ${jsonencode([for access in values(var.repositories) : access.copiers])}; name the deployer role of another account by full ARN."
  }

  # control: NET-06
  validation {
    condition     = var.environment != "production" || alltrue([for access in values(var.repositories) : length(access.copiers) == 0])
    error_message = "copiers of production are ${jsonencode([for access in values(var.repositories) : access.copiers])}; nothing stands above production: leave them out."
  }

  # control: NET-06
  validation {
    condition = var.environment == "development" || alltrue(flatten([for access in values(var.repositories) : [
      for arn in access.pushers : endswith(arn, "-deployer")
    ]]))
    error_message = "pushers are ${jsonencode([for access in values(var.repositories) : access.pushers])}; in ${var.environment} the deployer alone puts images, as copies of what the environment below approved."
  }

  validation {
    condition     = alltrue([for access in values(var.repositories) : length(access.pullers) > 0 && length(access.pushers) > 0])
    error_message = "repositories without a puller or a pusher: ${jsonencode([for name, access in var.repositories : name if length(access.pullers) == 0 || length(access.pushers) == 0])}; name at least one of each."
  }
}

variable "untagged_days" {
  description = "Days after which untagged images are deleted, in development."
  type        = number
  default     = 14

  validation {
    condition     = var.untagged_days >= 1 && var.untagged_days <= 90
    error_message = "untagged_days is ${var.untagged_days}; give 1 to 90."
  }
}
