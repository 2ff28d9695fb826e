# The audit trail and those who watch it: CloudTrail, Config, GuardDuty, metric filters, alarms and the topic they go to.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
