variable "command" {
  description = "Arguments of the container, one word an entry; null keeps those of the image."
  type        = list(string)
  default     = null
}

variable "cpu" {
  description = "CPU units of this container (1024 are one CPU)."
  type        = number
  validation {
    condition     = var.cpu >= 128
    error_message = "cpu is ${var.cpu}; 128 is the least with which the processes here start in time."
  }
}

variable "entry_point" {
  description = "Program of the container, one word an entry; null keeps that of the image."
  type        = list(string)
  default     = null
}

variable "environment" {
  description = "Settings that are not secret, by name."
  type        = map(string)
  default     = {}
  # control: SRV-07
  validation {
    condition = alltrue([for name in keys(var.environment) : anytrue([
      can(regex("_(FILE|PATH)$", upper(name))),
      !can(regex("(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE_?KEY|ACCESS_?KEY|API_?KEY)", upper(name))),
    ])])
    error_message = "environment names ${join(", ", keys(var.environment))}: one of them is a secret's name. Give its ARN in secrets, or the path of a file in a name that ends with _FILE or _PATH."
  }
  # control: SRV-07
  validation {
    condition = alltrue([for value in values(var.environment) :
      !can(regex("-----BEGIN|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|eyJ[A-Za-z0-9_-]{8,}\\.|://[^/@:]+:[^/@]+@", value))
    ])
    error_message = "A value of environment (${join(", ", keys(var.environment))}) holds a key, a token or a password in a URL. Give the ARN of a secret in secrets."
  }
}

variable "essential" {
  description = "Whether the task ends when this container ends."
  type        = bool
  default     = true
}

variable "health" {
  description = "Health check inside the container: the words after CMD; null for none."
  type        = list(string)
  default     = null
}

variable "image" {
  description = "Image by digest: registry/repository@sha256:…"
  type        = string
  # control: TRN-03
  # control: SRV-07
  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image is \"${var.image}\". Name an image of your own ECR by digest: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/name@sha256:<64 hex digits>."
  }
}

variable "log_group_name" {
  description = "Log group of the container's output."
  type        = string
}

variable "log_mode" {
  description = "blocking: the process waits when logs cannot leave; non-blocking: it goes on and lines may be lost."
  type        = string
  default     = "blocking"
  validation {
    condition     = contains(["blocking", "non-blocking"], var.log_mode)
    error_message = "log_mode is \"${var.log_mode}\"; blocking or non-blocking would do."
  }
}

variable "memory" {
  description = "Hard limit of memory in MiB."
  type        = number
  validation {
    condition     = var.memory >= 128
    error_message = "memory is ${var.memory}; give at least 128 MiB."
  }
}

variable "mounts" {
  description = "Volumes of the task that this container sees."
  type = list(object({
    volume    = string
    path      = string
    read_only = optional(bool, true)
  }))
  default = []
  validation {
    condition     = alltrue([for m in var.mounts : can(regex("^/(tmp|run|var/lib|mnt)(/|$)", m.path))])
    error_message = "mounts are ${jsonencode(var.mounts[*].path)}. Mount below /tmp, /run, /var/lib or /mnt, so that no volume hides a program."
  }
}

variable "name" {
  description = "Name of the container."
  type        = string
}

variable "needs" {
  description = "Containers that must have come so far before this one starts: name -> START, COMPLETE, SUCCESS or HEALTHY."
  type        = map(string)
  default     = {}
}

variable "open_files" {
  description = "Most open files."
  type        = number
  default     = 4096
  validation {
    condition     = var.open_files >= 256 && var.open_files <= 65535
    error_message = "open_files is ${var.open_files}; give 256 to 65535."
  }
}

variable "port" {
  description = "Port that the container listens on; null for none."
  type        = number
  default     = null
  validation {
    condition     = var.port == null ? true : var.port >= 1024 && var.port <= 65535
    error_message = "port is ${coalesce(var.port, 0)}; without capabilities only 1024 to 65535 can be bound."
  }
}

variable "region" {
  description = "Region of the log group."
  type        = string
}

variable "secrets" {
  description = "Secrets by name: ARNs in Secrets Manager, optionally with :key:: of a JSON secret behind."
  type        = map(string)
  default     = {}
  # control: SRV-07
  # control: SEC-02
  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:", arn))])
    error_message = "secrets names ${join(", ", keys(var.secrets))}: every value must be the ARN of a secret in Secrets Manager, never a value."
  }
}

variable "stop_seconds" {
  description = "Seconds between the request to stop and the kill."
  type        = number
  default     = 30
  validation {
    condition     = var.stop_seconds >= 2 && var.stop_seconds <= 120
    error_message = "stop_seconds is ${var.stop_seconds}; Fargate takes 2 to 120."
  }
}

variable "user" {
  description = "User and group that the process runs as."
  type        = string
  default     = "10001:10001"
  # control: TRN-03
  # control: SRV-07
  validation {
    condition     = can(regex("^[1-9][0-9]{3,}:[1-9][0-9]{3,}$", var.user))
    error_message = "user is \"${var.user}\". Give numbers above 999 for user and group, such as 10001:10001; root and names are refused."
  }
}
