# MLflow on Fargate behind a private load balancer, with PostgreSQL whose password RDS keeps and rotates.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
