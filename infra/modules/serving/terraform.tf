# The prediction API: a private gateway with IAM, WAF, throttling and logs in front of hardened Fargate tasks.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
