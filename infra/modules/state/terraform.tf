# The first thing of an account: the bucket of Terraform's state with its key, locking and the role that may use it.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
