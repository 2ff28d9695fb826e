# Customer-managed keys, one per purpose: rotation, 30 days before a deletion, administrators who cannot use them.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
