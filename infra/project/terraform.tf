# Versions, the provider and where state lies; the backend's values come from environments/*.s3.tfbackend.
# .terraform.lock.hcl holds the provider's hashes for linux_amd64; add a platform with
# `terraform providers lock -platform=darwin_arm64`.
terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # control: NET-06
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.region
  # control: NET-06
  allowed_account_ids = [local.account_id]

  default_tags {
    tags = {
      Project     = var.prefix
      Repository  = var.repository
      Environment = var.environment
      Tier        = tostring(var.tier)
      ManagedBy   = "redoubt"
    }
  }
}
