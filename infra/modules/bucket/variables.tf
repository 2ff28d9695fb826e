variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "deny_delete" {
  description = "What nobody may delete: nothing, every object, or every object but lock files (.tflock)."
  type        = string
  default     = "nothing"

  validation {
    condition     = contains(["nothing", "objects", "objects-but-locks"], var.deny_delete)
    error_message = "deny_delete is \"${var.deny_delete}\"; use nothing, objects or objects-but-locks."
  }
}

variable "expire_days" {
  description = "Days after which an object leaves the bucket; null where it stays as long as the bucket."
  type        = number

  validation {
    condition     = var.expire_days == null || try(var.expire_days >= 1 && floor(var.expire_days) == var.expire_days, false)
    error_message = "expire_days is ${coalesce(var.expire_days, 0)}; give whole days, at least 1, or null."
  }
}

variable "key" {
  description = "Key that encrypts the bucket; null where AWS takes no customer key: the target of server access logs."
  type        = object({ arn = string })
}

variable "lock" {
  description = "Object lock: COMPLIANCE (nobody shortens it) or GOVERNANCE, and its days; null for none."
  type        = object({ mode = string, days = number })
  default     = null

  validation {
    condition     = var.lock == null || try(contains(["COMPLIANCE", "GOVERNANCE"], var.lock.mode) && var.lock.days >= 1, false)
    error_message = "lock is ${jsonencode(var.lock)}; use COMPLIANCE or GOVERNANCE and at least one day."
  }
}

variable "log_target" {
  description = "Bucket that receives this one's access logs; null only for that bucket itself."
  type        = object({ bucket = string })
}

variable "name" {
  description = "Full name of the bucket: prefix, purpose and account."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; give 3 to 63 lower-case letters, digits or hyphens (no dots: they break TLS names)."
  }
}

variable "noncurrent_days" {
  description = "Days that an overwritten or deleted version can still be brought back."
  type        = number

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days is ${var.noncurrent_days}; give at least 1."
  }
}

variable "only" {
  description = "ARNs of the only roles that may read or write objects; empty where identity policies and keys decide."
  type        = list(string)
  default     = []

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in var.only : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "only is ${jsonencode(var.only)}; name roles by full ARN, without a wildcard."
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

variable "prefix_keys" {
  description = "Keys of folders that are encrypted by a key of their own: folder, without slash, to ARN."
  type        = map(string)
  default     = {}

  # A bucket policy holds 20 KB.
  validation {
    condition     = length(var.prefix_keys) <= 25 && alltrue([for folder in keys(var.prefix_keys) : can(regex("^[A-Za-z0-9][A-Za-z0-9_.-]*$", folder))])
    error_message = "prefix_keys names ${jsonencode(keys(var.prefix_keys))}; give at most 25 plain folder names, without slash or wildcard."
  }

  validation {
    condition     = length(var.prefix_keys) == 0 || var.key != null
    error_message = "prefix_keys names ${length(var.prefix_keys)} folders in a bucket without a key; give key as well."
  }
}

variable "writers" {
  description = "AWS services that write here for this account: principal, folders under which, ARN of what they write for."
  type = map(object({
    service = string
    folders = list(string)
    sources = list(string)
  }))
  default = {}

  validation {
    condition = alltrue(flatten([for writer in values(var.writers) : [
      can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", writer.service)), length(writer.folders) > 0, length(writer.sources) > 0,
      [for arn in writer.sources : can(regex("^arn:[a-z-]+:[a-z0-9-]+:", arn))],
    ]]))
    error_message = "writers are ${jsonencode(var.writers)}; name the service's principal, at least one folder and one ARN that it writes for."
  }
}
