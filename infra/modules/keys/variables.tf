variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "administrators" {
  description = "ARNs of the roles that administer every key and may use none."
  type        = list(string)

  validation {
    condition = length(var.administrators) > 0 && alltrue([
      for arn in var.administrators : can(regex("^arn:[a-z-]+:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ])
    error_message = "administrators is ${jsonencode(var.administrators)}; name at least one role of account ${var.account_id} by its full ARN, without a wildcard."
  }

  # control: SEC-05
  validation {
    condition     = length(setintersection(var.administrators, local._all_users)) == 0
    error_message = "administrators and users share ${jsonencode(setintersection(var.administrators, local._all_users))}; who administers a key may not use it: name two roles."
  }
}

variable "alarm_topics" {
  description = "SNS topics, by a name of your choice, that hear of a key being disabled, scheduled for deletion or opened."
  type        = map(string)
  default     = {}
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

variable "purposes" {
  description = <<-EOT
    What each key is for, and who may use it:
    users encrypt and decrypt; readers only decrypt, and may be roles of another account (promotion reads upwards);
    grantors may let AWS services use the key for resources that they create;
    via names those services (rds, ec2, ecr, backup …): where it is given, users and readers reach the key through
    them only;
    services are AWS principals (logs.<region>.amazonaws.com, cloudtrail.amazonaws.com …) that act for this account.
  EOT
  type = map(object({
    users    = optional(list(string), [])
    readers  = optional(list(string), [])
    grantors = optional(list(string), [])
    via      = optional(list(string), [])
    services = optional(list(string), [])
  }))

  validation {
    condition     = length(var.purposes) > 0 && alltrue([for name in keys(var.purposes) : can(regex("^[a-z][a-z0-9-]{1,30}$", name))])
    error_message = "purposes are ${jsonencode(keys(var.purposes))}; name at least one, each 2 to 31 lower-case letters, digits or hyphens."
  }

  validation {
    condition = alltrue(flatten([for purpose in values(var.purposes) : [
      for arn in concat(purpose.users, purpose.grantors) : can(regex("^arn:[a-z-]+:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ]]))
    error_message = "users and grantors are ${jsonencode(flatten([for p in values(var.purposes) : concat(p.users, p.grantors)]))}; name roles of account ${var.account_id} by full ARN, never a wildcard, a user or the root."
  }

  validation {
    condition = alltrue(flatten([for purpose in values(var.purposes) : [
      for arn in purpose.readers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))
    ]]))
    error_message = "readers are ${jsonencode(flatten([for p in values(var.purposes) : p.readers]))}; name roles by full ARN, never a wildcard, a user or the root."
  }

  validation {
    condition = alltrue(flatten([for purpose in values(var.purposes) : [
      for service in purpose.services : can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", service)) && service != "logs.amazonaws.com"
    ]]))
    error_message = "services are ${jsonencode(flatten([for p in values(var.purposes) : p.services]))}; give principals such as cloudtrail.amazonaws.com, for log groups logs.${var.region}.amazonaws.com."
  }

  validation {
    condition     = alltrue([for purpose in values(var.purposes) : length(purpose.grantors) == 0 || length(purpose.via) > 0])
    error_message = "purposes ${jsonencode([for n, p in var.purposes : n if length(p.grantors) > 0 && length(p.via) == 0])} have grantors without via; name the services that they may grant to."
  }

  validation {
    condition     = alltrue([for purpose in values(var.purposes) : length(purpose.via) == 0 || length(concat(purpose.users, purpose.readers, purpose.grantors)) > 0])
    error_message = "purposes ${jsonencode([for n, p in var.purposes : n if length(p.via) > 0 && length(concat(p.users, p.readers, p.grantors)) == 0])} have via for nobody; name users, readers or grantors, or leave it out."
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
