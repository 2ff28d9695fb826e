variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "break_glass_role_arn" {
  description = "Emergency role whose every use raises an alarm."
  type        = string

  # control: IAM-05
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", var.break_glass_role_arn))
    error_message = "break_glass_role_arn is \"${var.break_glass_role_arn}\"; give the ARN of a role of account ${var.account_id}."
  }
}

variable "bucket_name" {
  description = "The locked bucket for trail and recordings (storage's audit bucket)."
  type        = string

  # control: MON-02
  validation {
    condition     = var.bucket_name == "${var.prefix}-audit-${var.account_id}"
    error_message = "bucket_name is \"${var.bucket_name}\"; give the audit bucket, ${var.prefix}-audit-${var.account_id}: no other is locked for the trail and shut by the boundary."
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

variable "listeners" {
  description = "Who hears the alarms, by a name of your choice: https addresses, queues (sqs) or functions (lambda) of the bank's security operations."
  type        = map(object({ protocol = string, endpoint = string }))
  default     = {}

  # control: NET-04
  validation {
    condition = alltrue([for l in values(var.listeners) :
      (l.protocol == "https" && startswith(l.endpoint, "https://")) || (contains(["lambda", "sqs"], l.protocol) && can(regex("^arn:[a-z-]+:${l.protocol}:[^*]+$", l.endpoint)))
    ])
    error_message = "listeners is ${jsonencode(var.listeners)}; give https with an https:// address, or sqs or lambda with a full ARN: mail and text messages leave the bank's control."
  }

  # control: MON-05
  validation {
    condition     = var.environment != "production" || length(var.listeners) > 0
    error_message = "listeners is {} in production; name at least one, else an alarm is heard by nobody."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the log group (purpose logs); it serves logs.<region>.amazonaws.com."
  type        = string

  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.log_key_arn))
    error_message = "log_key_arn is \"${var.log_key_arn}\"; give the full ARN of a key, not of an alias."
  }
}

variable "log_retention_days" {
  description = "Days that the trail stays in CloudWatch; the bucket keeps it longer."
  type        = number
  default     = 365

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

variable "topic_key_arn" {
  description = "Key that encrypts the topics; it serves cloudwatch, events and cloudtrail .amazonaws.com, events without a condition on the source (AWS supports none there)."
  type        = string

  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.topic_key_arn))
    error_message = "topic_key_arn is \"${var.topic_key_arn}\"; give the full ARN of a key, not of an alias."
  }
}

variable "trail_key_arn" {
  description = "Key that encrypts trail and recordings (purpose audit); it serves cloudtrail and config .amazonaws.com."
  type        = string

  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.trail_key_arn))
    error_message = "trail_key_arn is \"${var.trail_key_arn}\"; give the full ARN of a key, not of an alias."
  }
}

variable "watched_bucket_arns" {
  description = "Buckets whose objects' every read and write is recorded, by class: at least raw, trusted, protected, artefacts."
  type        = map(string)

  # control: MON-02
  validation {
    condition     = length(setsubtract(["artefacts", "protected", "raw", "trusted"], keys(var.watched_bucket_arns))) == 0
    error_message = "watched_bucket_arns has ${jsonencode(keys(var.watched_bucket_arns))}; add ${jsonencode(setsubtract(["artefacts", "protected", "raw", "trusted"], keys(var.watched_bucket_arns)))}."
  }

  # control: MON-02
  validation {
    condition     = alltrue([for arn in values(var.watched_bucket_arns) : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]+$", arn))])
    error_message = "watched_bucket_arns is ${jsonencode(var.watched_bucket_arns)}; give full ARNs of buckets."
  }

  # The trail would record its own writing.
  validation {
    condition     = !contains([for arn in values(var.watched_bucket_arns) : split(":::", arn)[1]], var.bucket_name)
    error_message = "watched_bucket_arns has ${var.bucket_name}, which the trail writes to; leave it out, else the trail records itself without end."
  }
}
