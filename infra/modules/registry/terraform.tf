# The account's own image repositories: immutable tags, scanned on push, encrypted, pulled across accounts by digest only.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
