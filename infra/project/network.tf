# The one picture: every connection that may exist. What is not listed is dropped. "bank" are the bank's own
# networks (client_prefix_list_ids), "s3" is the gateway endpoint, "endpoints" are AWS services inside the VPC.
# control: NET-03
# control: NET-05
locals {
  flows = [
    { from = "bank", to = "endpoints", port = 443, why = "applications call the private prediction API" },
    { from = "bank", to = "tracking-balancer", port = 443, why = "people look at runs in MLflow" },

    { from = "serving-balancer", to = "serving", port = 8443, why = "requests reach the service over TLS" },
    { from = "serving", to = "endpoints", port = 443, why = "images, materials, keys and logs" },
    { from = "serving", to = "s3", port = 443, why = "image layers, released models, decision logs" },

    # control: TRN-03
    { from = "training", to = "endpoints", port = 443, why = "images, keys and logs" },
    { from = "training", to = "s3", port = 443, why = "image layers, snapshots in, candidates out" },
    { from = "training", to = "tracking-balancer", port = 443, why = "a run is recorded in MLflow" },

    { from = "tracking-balancer", to = "tracking", port = 8443, why = "MLflow behind its balancer, TLS again" },
    { from = "tracking", to = "database", port = 5432, why = "runs are kept in PostgreSQL" },
    { from = "tracking", to = "endpoints", port = 443, why = "images, materials, keys and logs" },
    { from = "tracking", to = "s3", port = 443, why = "image layers and artefacts of runs" },

    { from = "bank", to = "secrets-balancer", port = 8200, why = "administrators reach the secrets store" },
    { from = "serving", to = "secrets-balancer", port = 8200, why = "the service asks for its secrets" },
    { from = "training", to = "secrets-balancer", port = 8200, why = "a run signs what it made" },
    { from = "secrets-balancer", to = "secrets", port = 8200, why = "the store over TLS, ended by its nodes" },
    { from = "secrets", to = "secrets", port = 8200, why = "a node joins its peers" },
    { from = "secrets", to = "secrets", port = 8201, why = "raft replication, mutual TLS" },
    { from = "secrets", to = "endpoints", port = 443, why = "unseal key, materials and logs" },
    { from = "secrets", to = "s3", port = 443, why = "snapshots" },
  ]
}

module "network" {
  count  = local.makes_network ? 1 : 0
  source = "./modules/network"

  prefix      = local.prefix
  environment = var.environment
  # control: NET-06
  account_id               = local.account_id
  region                   = var.region
  organisation_id          = var.organisation_id
  permissions_boundary_arn = module.identity.boundary_arn

  # control: NET-01
  cidr            = local.cidr
  zones           = local.zones
  reserved_ranges = var.reserved_ranges
  flows           = local.flows

  # control: NET-02
  # What the roles of workloads ask for, and the private API: every other endpoint would be a way out.
  services               = ["ecr.api", "ecr.dkr", "execute-api", "kms", "logs", "secretsmanager"]
  buckets                = concat(values(module.storage.bucket_arns), values(local.own_bucket_arns))
  keys                   = values(local.key_arns)
  s3_cidrs               = var.s3_cidrs
  client_prefix_list_ids = var.client_prefix_list_ids
  client_cidrs           = var.client_cidrs
  domains                = var.domains
  with_dns_firewall      = var.with_dns_firewall

  log_key_arn        = local.key_arns.logs
  log_retention_days = var.log_retention_days
}
