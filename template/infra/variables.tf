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

variable "zones" {
  description = "Three availability zones of the region; a, b and c of it when left out."
  type        = list(string)
  default     = null
}

variable "reserved_ranges" {
  description = "Ranges that the bank's network uses already; the VPC may not overlap one."
  type        = list(string)
  default     = []
}

variable "client_prefix_list_ids" {
  description = "Managed prefix lists of the bank's own networks that may reach the private ingress."
  type        = list(string)
  default     = []
}

variable "federation" {
  description = "The bank's identity provider for people: its ARN in this account, and the claim that says MFA."
  type = object({
    provider_arn = string
    mfa_claim    = string
    mfa_values   = list(string)
  })
}

variable "images" {
  description = "Container images by digest, as promoted into this account's registry: training, serving, tracking."
  type        = map(string)
}

variable "secrets_ami" {
  description = "The bank's hardened machine image that carries the secrets store."
  type        = string
}

variable "certificates" {
  description = "ACM certificate ARNs of the private names: ingress, tracking, secrets."
  type        = map(string)
}

variable "copy_vault_arn" {
  description = "Backup vault, in another account or region, that receives copies."
  type        = string
}
