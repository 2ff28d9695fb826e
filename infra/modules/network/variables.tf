variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "buckets" {
  description = "ARNs of the buckets that anything in the network may reach."
  type        = list(string)

  # control: NET-02
  validation {
    condition     = length(var.buckets) > 0 && alltrue([for arn in var.buckets : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]+$", arn))])
    error_message = "buckets is ${jsonencode(var.buckets)}; name at least one bucket by its ARN, without a wildcard or path."
  }
}

variable "cidr" {
  description = "Range of the VPC: private, /16 to /24, divided into eight equal subnets of which six are used."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && can(regex("^[0-9.]+/[0-9]+$", var.cidr))
    error_message = "cidr is \"${var.cidr}\"; give an IPv4 range such as 10.20.0.0/20."
  }

  # control: NET-01
  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.cidr))
    error_message = "cidr is \"${var.cidr}\", a public range; take one inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr is \"${var.cidr}\"; three zones with two subnets each need a range from /16 to /24."
  }

  validation {
    condition     = try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr is \"${var.cidr}\" and has host bits set; begin it at the first address${try(", ${cidrhost(var.cidr, 0)}", "")}."
  }
}

variable "client_cidrs" {
  description = "The ranges behind client_prefix_list_ids: network ACLs take no prefix list. Private ranges only."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for range in var.client_cidrs : can(cidrhost(range, 0)) &&
      can(regex("^(10\\.[0-9.]+/([89]|[12][0-9]|3[0-2])|172\\.(1[6-9]|2[0-9]|3[01])\\.[0-9.]+/(1[2-9]|2[0-9]|3[0-2])|192\\.168\\.[0-9.]+/(1[6-9]|2[0-9]|3[0-2]))$", range))
    ])
    error_message = "client_cidrs is ${jsonencode(var.client_cidrs)}; give ranges inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }

  validation {
    condition     = (length(var.client_cidrs) == 0) == (length(var.client_prefix_list_ids) == 0)
    error_message = "client_cidrs names ${length(var.client_cidrs)} ranges and client_prefix_list_ids ${length(var.client_prefix_list_ids)} lists; give both or neither, else packets pass one filter and die at the other."
  }
}

variable "client_prefix_list_ids" {
  description = "Managed prefix lists of the bank's own networks: who \"bank\" is in flows."
  type        = list(string)
  default     = []

  # control: NET-03
  validation {
    condition     = alltrue([for id in var.client_prefix_list_ids : can(regex("^pl-[0-9a-f]{8,17}$", id))])
    error_message = "client_prefix_list_ids is ${jsonencode(var.client_prefix_list_ids)}; give ids of managed prefix lists (pl-…), never a range."
  }
}

variable "domains" {
  description = "The bank's own domains that may be looked up, such as *.internal.bank.example."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for domain in var.domains : can(regex("^(\\*\\.)?([a-z0-9-]+\\.)+[a-z0-9-]+\\.?$", domain))])
    error_message = "domains is ${jsonencode(var.domains)}; give names of at least two labels, a star in front at most."
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

variable "flows" {
  description = <<-EOT
    Every connection that may exist: from one security group to another on one TCP port, and why.
    The groups come from this list. `from` may be "bank" (client_prefix_list_ids), `to` may be "s3" (the
    gateway endpoint); "endpoints" is the group of the interface endpoints.
  EOT
  type = list(object({
    from = string
    to   = string
    port = number
    why  = string
  }))

  # control: NET-03
  validation {
    condition     = alltrue(flatten([for flow in var.flows : [for name in [flow.from, flow.to] : can(regex("^[a-z][a-z0-9-]{1,30}$", name))]]))
    error_message = "flows name ${jsonencode(distinct(flatten([for f in var.flows : [f.from, f.to]])))}; use names of groups in lower-case letters, digits and hyphens, never a range."
  }

  validation {
    condition     = alltrue([for flow in var.flows : flow.from != "s3" && flow.to != "bank" && !(flow.from == "bank" && flow.to == "s3")])
    error_message = "flows hold ${jsonencode([for f in var.flows : "${f.from} to ${f.to}" if f.from == "s3" || f.to == "bank" || (f.from == "bank" && f.to == "s3")])}; \"s3\" is reached only and by groups only, \"bank\" reaches only."
  }

  validation {
    condition     = alltrue([for flow in var.flows : flow.port >= 1 && flow.port <= 65535 && floor(flow.port) == flow.port && !contains([22, 3389], flow.port)])
    error_message = "flows use the ports ${jsonencode(distinct([for f in var.flows : f.port]))}; take whole numbers from 1 to 65535, and neither 22 nor 3389: nobody logs in."
  }

  validation {
    condition     = alltrue([for flow in var.flows : flow.to != "s3" || flow.port == 443])
    error_message = "flows reach s3 on ${jsonencode([for f in var.flows : f.port if f.to == "s3"])}; S3 is reached on 443 only."
  }

  validation {
    condition     = length(distinct([for f in var.flows : "${f.from} ${f.to} ${f.port}"])) == length(var.flows)
    error_message = "flows hold one connection twice: ${jsonencode([for f in var.flows : "${f.from} to ${f.to} on ${f.port}"])}; keep one of each."
  }

  # EC2 takes these characters in a rule's description, and 255 of them.
  validation {
    condition     = alltrue([for flow in var.flows : can(regex("^[A-Za-z0-9 ._:/()#,@+=&;{}!$*\\[\\]-]{5,255}$", flow.why))])
    error_message = "flows say why as ${jsonencode([for f in var.flows : f.why])}; give 5 to 255 letters, digits or plain punctuation."
  }
}

variable "keys" {
  description = "ARNs of the keys that anything in the network may use."
  type        = list(string)

  # control: NET-02
  validation {
    condition     = length(var.keys) > 0 && alltrue([for arn in var.keys : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "keys is ${jsonencode(var.keys)}; name at least one key by its ARN, without a wildcard."
  }
}

variable "log_key_arn" {
  description = "Key that encrypts the flow logs."
  type        = string
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; CloudWatch takes 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }

  # control: MON-02
  validation {
    condition     = var.environment != "production" || var.log_retention_days >= 365
    error_message = "log_retention_days is ${var.log_retention_days}; production keeps logs for at least 365 days."
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

  validation {
    condition     = contains(["aws", "aws-us-gov"], var.partition)
    error_message = "partition is \"${var.partition}\"; endpoint names are known for aws and aws-us-gov."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role that writes flow logs."
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

variable "reserved_ranges" {
  description = "Ranges that the bank's network uses already; the VPC may not overlap one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for range in var.reserved_ranges : can(cidrhost(range, 0))])
    error_message = "reserved_ranges is ${jsonencode(var.reserved_ranges)}; give ranges such as 10.1.0.0/16."
  }

  # Two ranges overlap when they are equal at the length of the wider one.
  validation {
    condition = alltrue([
      for range in var.reserved_ranges :
      try(cidrhost("${split("/", range)[0]}/${min(split("/", range)[1], split("/", var.cidr)[1])}", 0) != cidrhost("${split("/", var.cidr)[0]}/${min(split("/", range)[1], split("/", var.cidr)[1])}", 0), false)
    ])
    error_message = "cidr ${var.cidr} overlaps one of reserved_ranges ${jsonencode(var.reserved_ranges)}; choose a free range."
  }
}

variable "s3_cidrs" {
  description = "Public addresses of S3 in the region (its managed prefix list), for network ACLs, which take no prefix list."
  type        = list(string)

  # control: NET-01
  validation {
    condition     = length(var.s3_cidrs) > 0 && alltrue([for range in var.s3_cidrs : can(cidrhost(range, 0)) && try(tonumber(split("/", range)[1]) >= 12, false)])
    error_message = "s3_cidrs is ${jsonencode(var.s3_cidrs)}; give the entries of the prefix list com.amazonaws.${var.region}.s3, none wider than /12."
  }
}

variable "services" {
  description = "AWS services that are reached by an interface endpoint, by their short names; services.yml.tftpl says which exist."
  type        = set(string)

  # control: NET-02
  validation {
    condition     = length(setsubtract(var.services, keys(local._catalogue))) == 0
    error_message = "services hold ${jsonencode(setsubtract(var.services, keys(local._catalogue)))}; services.yml.tftpl has no endpoint policy for them: use ${join(", ", keys(local._catalogue))}, or add a policy there."
  }
}

variable "with_dns_firewall" {
  description = "Let only known domains be looked up. Off only for an emulator that lacks the service."
  type        = bool
  default     = true
}

variable "zones" {
  description = "Three availability zones of the region."
  type        = list(string)

  validation {
    condition     = length(var.zones) == 3 && length(distinct(var.zones)) == 3 && alltrue([for zone in var.zones : can(regex("^${var.region}[a-z]$", zone))])
    error_message = "zones is ${jsonencode(var.zones)}; give three different zones of ${var.region}, such as ${var.region}a, ${var.region}b, ${var.region}c."
  }
}
