# The isolated task that trains: reaches endpoints only, is started by an event, and cannot be entered.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
