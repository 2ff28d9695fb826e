# Backups in a locked vault with a copy elsewhere, and a restore test that AWS Backup runs by itself.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
