# One bucket as every bucket of a project is: private, versioned, under one key, TLS only, logged. `storage` calls it.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
