# Answers arrive by project.auto.tfvars.json, an environment's own values by environments/*.tfvars.

# --- answers

variable "prefix" {
  description = "How names begin, before the environment."
  type        = string
}

variable "repository" {
  description = "The repository on the forge, owner first."
  type        = string
}

variable "forge" {
  description = "Where pipelines run: github or gitlab."
  type        = string
}

variable "region" {
  description = "The only region that anything lives in."
  type        = string
}

variable "organisation_id" {
  description = "The bank's AWS organisation; everybody else is refused."
  type        = string
}

variable "accounts" {
  description = "Account id of each environment."
  type        = map(string)

  validation {
    condition     = length(distinct(values(var.accounts))) == 3
    error_message = "accounts has equal ids (${join(", ", values(var.accounts))}): each environment is an account of its own."
  }
}

variable "vpc_range" {
  description = "The private range whose quarters the environments get."
  type        = string
}

variable "tier" {
  description = "Model-risk tier, 1 the highest."
  type        = number
}

# --- the environment

variable "environment" {
  description = "development, validation or production."
  type        = string

  validation {
    condition     = contains(["development", "validation", "production"], var.environment)
    error_message = "environment=\"${var.environment}\" is none: use development, validation or production."
  }
}

variable "reserved_ranges" {
  description = "Ranges that the bank's network uses already; the VPC may not overlap one."
  type        = list(string)
  default     = []
}

variable "zones" {
  description = "Three availability zones of the region; a, b and c of it when left out."
  type        = list(string)
  default     = null
}

# --- what only the bank knows

variable "caller_arns" {
  description = "Roles of the applications that may call the prediction API."
  type        = list(string)
}

variable "certificates" {
  description = "ACM certificates of the private names."
  type        = object({ serving = string, tracking = string })
}

variable "client_ca" {
  description = "Bundle of the CA whose certificates clients of MLflow show: bucket and key."
  type        = object({ bucket = string, key = string })
}

variable "client_cidrs" {
  description = "The ranges behind client_prefix_list_ids: network ACLs take no prefix list."
  type        = list(string)
}

variable "client_prefix_list_ids" {
  description = "Managed prefix lists of the bank's own networks that may reach the private ingress."
  type        = list(string)
}

variable "copy_vault_arn" {
  description = "Backup vault, in another account or region, that receives copies."
  type        = string
}

variable "domains" {
  description = "The bank's own domains that may be looked up, such as *.internal.bank.example."
  type        = list(string)
  default     = []
}

variable "federation" {
  description = "The bank's identity provider for people: name of the SAML provider in this account, and what says MFA."
  type = object({
    provider   = string
    mfa_claim  = string
    mfa_values = list(string)
  })
}

variable "forge_issuer" {
  description = "Issuer of the forge's tokens without https://, where it is not the public one."
  type        = string
  default     = null
}

variable "forge_thumbprints" {
  description = "Thumbprints of the issuer's CA, where the forge has a private certificate."
  type        = list(string)
  default     = []
}

variable "hosts" {
  description = "Private names that the certificates hold."
  type        = object({ secrets = string, serving = string, tracking = string })
}

variable "images" {
  description = "Digests of the container images that this account's registry holds: promotion writes them here."
  type        = object({ serving = string, tracking = string, training = string })

  # control: NET-06
  validation {
    condition     = alltrue([for digest in values(var.images) : can(regex("^sha256:[0-9a-f]{64}$", digest))])
    error_message = "images is ${jsonencode(var.images)}; give digests, sha256: and 64 hex digits, never a tag or another registry."
  }
}

variable "installer_role" {
  description = "Name of the role in this account that applies the composition."
  type        = string
}

variable "listeners" {
  description = "Who hears the alarms, by name: https addresses, queues or functions of security operations."
  type        = map(object({ protocol = string, endpoint = string }))
}

variable "materials" {
  description = "Files that services need before they start, by service: file name to ARN of a secret."
  type        = object({ secrets = map(string), serving = map(string), tracking = map(string) })
}

variable "own_buckets" {
  description = "Purposes of the buckets that team.tf makes, each named PREFIX-PURPOSE-ACCOUNT: the trail records their objects, and the endpoint of S3 lets them pass."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setintersection(var.own_buckets, ["raw", "trusted", "protected", "artefacts", "audit", "access-logs"])) == 0
    error_message = "own_buckets is ${jsonencode(var.own_buckets)}; leave out raw, trusted, protected, artefacts, audit and access-logs: those buckets are the platform's."
  }
}

variable "s3_cidrs" {
  description = "Addresses of S3 in the region: the entries of its managed prefix list."
  type        = list(string)
}

variable "secrets_image" {
  description = "The bank's hardened machine image of the secrets store, and the SHA-256 of the seal plugin in it."
  type        = object({ id = string, seal_plugin_sha256 = string })
}

# --- how long, how strict

variable "log_retention_days" {
  description = "Days that logs are kept in CloudWatch; production needs 365."
  type        = number
  default     = 400
}

variable "personal_datasets" {
  description = "Datasets of personal data: each gets a key of its own, whose destruction erases its snapshots."
  type        = set(string)
  default     = []
}

variable "retention" {
  description = "Days that each class of data lives: the bank's retention table; modules/storage/floors.yml holds the least."
  type = object({
    raw         = number
    trusted     = number
    protected   = number
    artefacts   = number
    audit       = number
    access-logs = number
  })
}

variable "tls_policy" {
  description = "TLS policy of every listener."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
}

# --- what an emulator lacks, or a landing zone does already

variable "with_account_block" {
  description = "Block public access for the whole account; off where the landing zone does it."
  type        = bool
  default     = true
}

variable "with_client_certificates" {
  description = "Demand client certificates before MLflow; off only for an emulator."
  type        = bool
  default     = true
}

variable "with_dns_firewall" {
  description = "Let only known domains be looked up; off only for an emulator."
  type        = bool
  default     = true
}
