# A network without a way to the internet: subnets in three zones, endpoints with policies, groups, ACLs, flow logs, DNS firewall.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
