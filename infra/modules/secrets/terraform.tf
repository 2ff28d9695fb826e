# A Vault or OpenBao raft cluster on private nodes: unsealed by KMS, TLS to the node, snapshots into a locked bucket.
terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
