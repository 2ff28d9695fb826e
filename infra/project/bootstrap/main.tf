# The first thing of an account: where Terraform's state lies. `redoubt bootstrap ENVIRONMENT` applies it with a local
# state, moves that state into the bucket it has just made, and may be run again after a crash or a change.
terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region
  # control: NET-06
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project   = var.prefix
      ManagedBy = "redoubt"
    }
  }
}

variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string
}

variable "administrators" {
  description = "ARNs of existing roles that administer the state's key and may not use it."
  type        = list(string)
}

variable "organisation_id" {
  description = "The bank's AWS organisation; everybody else is refused."
  type        = string
}

variable "prefix" {
  description = "How names begin, with the environment, such as pd-prod."
  type        = string
}

variable "region" {
  description = "Region of this environment."
  type        = string
}

variable "users" {
  description = "ARNs of the roles that plan and apply."
  type        = list(string)
}

module "state" {
  source = "../modules/state"

  account_id      = var.account_id
  administrators  = var.administrators
  organisation_id = var.organisation_id
  prefix          = var.prefix
  region          = var.region
  users           = var.users
  # The account has no boundary yet.
  permissions_boundary_arn = null
}

output "backend" {
  description = "What Terraform's s3 backend is configured with."
  value       = module.state.backend
}

output "bootstrap_key" {
  description = "Where in the bucket the state of this bootstrap itself lies."
  value       = module.state.bootstrap_key
}
