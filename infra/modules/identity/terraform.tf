# One role per function, generated from the access matrix in access.yml, under a permissions boundary; federated trust.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
