# The role with which ECS itself starts a task: pulls its image, opens its log, reads its secrets, nothing more.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
