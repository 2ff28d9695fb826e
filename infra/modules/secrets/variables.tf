variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "balancer_security_group_id" {
  description = "Security group of the load balancer."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.balancer_security_group_id, "sg-")
    error_message = "balancer_security_group_id is \"${var.balancer_security_group_id}\"; give the id of a group, sg-…."
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

variable "host" {
  description = "Private name of the store, which its certificate carries."
  type        = string
  # control: NET-04
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.host))
    error_message = "host is \"${var.host}\"; give a full name in lower case, such as secrets.pd.bank.example."
  }
}

variable "image_id" {
  description = <<-EOT
    The bank's hardened Linux image. It carries OpenBao 2.7 as /usr/bin/bao, its AWS seal plugin in /opt/openbao/plugins
    (a real folder, writable by root alone), the user openbao, the AWS CLI, the CloudWatch agent, cloud-init, systemd, logrotate and curl.
  EOT
  type        = string
  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.image_id))
    error_message = "image_id is \"${var.image_id}\"; give the id of an image, ami-…."
  }
}

variable "instance_type" {
  description = "Type of the nodes: Nitro, because the data volume is found by its NVMe name, and no bursting type."
  type        = string
  default     = "m6i.large"
  validation {
    condition     = can(regex("^[cmr][5-9][a-z]*\\.[a-z0-9]+$", var.instance_type))
    error_message = "instance_type is \"${var.instance_type}\"; take a Nitro type of the families c, m or r, such as m6i.large."
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

variable "material_key_arn" {
  description = "Key that encrypts the materials in Secrets Manager."
  type        = string
  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.material_key_arn))
    error_message = "material_key_arn is \"${var.material_key_arn}\"; give the ARN of a key, not of an alias."
  }
}

variable "materials" {
  description = "The nodes' TLS files, file name -> full ARN of a secret in Secrets Manager: ca.pem, tls.pem (for server and client), tls-key.pem."
  type        = map(string)
  # control: NET-04
  validation {
    condition     = toset(keys(var.materials)) == toset(["ca.pem", "tls.pem", "tls-key.pem"])
    error_message = "materials names ${join(", ", keys(var.materials))}; it needs exactly ca.pem, tls.pem, tls-key.pem."
  }
  # control: SEC-02
  validation {
    condition     = alltrue([for arn in values(var.materials) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$", arn))])
    error_message = "materials must name secrets by their full ARN, without JSON key and without wildcard; ${join(", ", keys(var.materials))} were given."
  }
}

variable "node_security_group_id" {
  description = "Security group of the nodes."
  type        = string
  # control: NET-03
  validation {
    condition     = startswith(var.node_security_group_id, "sg-")
    error_message = "node_security_group_id is \"${var.node_security_group_id}\"; give the id of a group, sg-…."
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
  description = "Project and environment, such as pd-prod; at most 23 characters, because names of load balancers end at 32."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,21}[a-z0-9]$", var.prefix))
    error_message = "prefix is \"${var.prefix}\"; give 3 to 23 lower-case letters, digits or hyphens."
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

variable "replaceable_node" {
  description = "The one node (a, b or c) whose machine may be terminated now, for a new image or configuration; apply this first, then replace that node with -target. Null protects all."
  type        = string
  default     = null
  # control: IR-04
  validation {
    condition     = var.replaceable_node == null || contains(["a", "b", "c"], coalesce(var.replaceable_node, "a"))
    error_message = "replaceable_node is \"${coalesce(var.replaceable_node, "null")}\"; give a, b or c, or leave it out."
  }
}

variable "seal_key_arn" {
  description = "Key that seals and unseals the store, and that nothing else uses."
  type        = string
  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.seal_key_arn))
    error_message = "seal_key_arn is \"${var.seal_key_arn}\"; give the ARN of a key, not of an alias."
  }
  # control: SEC-05
  validation {
    condition     = !contains([var.volume_key_arn, var.material_key_arn, var.snapshot_key_arn], var.seal_key_arn)
    error_message = "seal_key_arn is \"${var.seal_key_arn}\", which volumes, materials or snapshots use too; whoever reads those could open the store: give it a key of its own."
  }
}

variable "seal_plugin" {
  description = "The AWS seal plugin in the image: name of the file and its SHA-256. OpenBao starts no other file."
  type = object({
    command = optional(string, "openbao-plugin-kms-aws")
    sha256  = string
  })
  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.seal_plugin.sha256))
    error_message = "seal_plugin.sha256 is \"${var.seal_plugin.sha256}\"; give 64 hexadecimal digits in lower case, as sha256sum prints."
  }
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._-]*$", var.seal_plugin.command))
    error_message = "seal_plugin.command is \"${var.seal_plugin.command}\"; give the name of a file in /opt/openbao/plugins, no path."
  }
}

variable "snapshot_bucket" {
  description = "Name of the bucket that takes the snapshots, below secrets/."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.snapshot_bucket))
    error_message = "snapshot_bucket is \"${var.snapshot_bucket}\"; give the name of a bucket, not its ARN."
  }
}

variable "snapshot_key_arn" {
  description = "Key of the snapshot bucket."
  type        = string
  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.snapshot_key_arn))
    error_message = "snapshot_key_arn is \"${var.snapshot_key_arn}\"; give the ARN of a key, not of an alias."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the nodes and the load balancer, in the order of zones."
  type        = list(string)
  # control: NET-01
  validation {
    condition     = length(var.subnet_ids) == 3 && length(distinct(var.subnet_ids)) == 3
    error_message = "subnet_ids is ${jsonencode(var.subnet_ids)}; give three different subnets."
  }
}

variable "volume_key_arn" {
  description = "Key that encrypts the nodes' volumes."
  type        = string
  # control: SEC-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", var.volume_key_arn))
    error_message = "volume_key_arn is \"${var.volume_key_arn}\"; give the ARN of a key, not of an alias."
  }
}

variable "volume_size" {
  description = "Size of a node's data volume in GiB."
  type        = number
  default     = 50
  validation {
    condition     = var.volume_size >= 20 && floor(var.volume_size) == var.volume_size
    error_message = "volume_size is ${var.volume_size}; give at least 20 whole GiB."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer's targets."
  type        = string
  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id is \"${var.vpc_id}\"; give the id of a VPC, vpc-…."
  }
}

variable "zones" {
  description = "Zones of the subnets, in the same order."
  type        = list(string)
  # control: IR-04
  validation {
    condition     = length(var.zones) == 3 && length(distinct(var.zones)) == 3 && alltrue([for zone in var.zones : startswith(zone, var.region)])
    error_message = "zones is ${jsonencode(var.zones)}; give three different zones of ${var.region}."
  }
}
