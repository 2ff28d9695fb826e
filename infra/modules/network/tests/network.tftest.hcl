# No way to the internet, default deny, known ways to AWS, everything logged.
mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:mock" }
  }
}

variables {
  prefix                   = "pd-prod"
  environment              = "production"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  organisation_id          = "o-a1b2c3d4e5"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  cidr                     = "10.20.0.0/20"
  zones                    = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  buckets                  = ["arn:aws:s3:::pd-prod-trusted-123456789012"]
  keys                     = ["arn:aws:kms:eu-central-1:123456789012:key/1"]
  services                 = ["ecr.api", "ecr.dkr", "logs", "kms", "sts", "secretsmanager", "monitoring", "events", "sns", "execute-api", "ecs", "rds", "ec2", "elasticloadbalancing", "autoscaling"]
  s3_cidrs                 = ["3.5.136.0/22", "52.219.168.0/22"]
  client_prefix_list_ids   = ["pl-0123456789abcdef0"]
  client_cidrs             = ["10.200.0.0/16"]
  log_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/2"
  log_retention_days       = 365
  domains                  = ["*.internal.bank.example"]
  flows = [
    { from = "bank", to = "endpoints", port = 443, why = "calls the prediction API" },
    { from = "training", to = "endpoints", port = 443, why = "asks AWS services" },
    { from = "training", to = "s3", port = 443, why = "reads snapshots" },
    { from = "tracking", to = "database", port = 5432, why = "keeps runs" },
    { from = "secrets", to = "secrets", port = 8201, why = "replicates raft" },
  ]
}

run "subnets_correct" {
  command = plan
  assert {
    condition     = alltrue([for s in concat(values(aws_subnet.workload), values(aws_subnet.data)) : !s.map_public_ip_on_launch])
    error_message = "No subnet gives public addresses."
  }
  assert {
    condition     = toset(keys(aws_subnet.workload)) == toset(var.zones) && toset(keys(aws_subnet.data)) == toset(var.zones)
    error_message = "Workloads and data have a subnet in each zone."
  }
  assert {
    condition     = length(distinct([for s in concat(values(aws_subnet.workload), values(aws_subnet.data)) : s.cidr_block])) == 6
    error_message = "Subnets do not share ranges."
  }
  assert {
    condition     = length(aws_route_table.this.route) == 0 && length(aws_default_route_table.this.route) == 0
    error_message = "No route but the VPC's own and the gateway endpoint's."
  }
}

run "groups_correct" {
  command = plan
  assert {
    condition     = toset(keys(aws_security_group.this)) == toset(["endpoints", "training", "tracking", "database", "secrets"])
    error_message = "The groups follow from the flows."
  }
  assert {
    condition = alltrue([
      for r in concat(values(aws_vpc_security_group_egress_rule.to_group), values(aws_vpc_security_group_ingress_rule.from_group), values(aws_vpc_security_group_egress_rule.to_s3), values(aws_vpc_security_group_ingress_rule.from_bank)) :
      r.cidr_ipv4 == null && r.cidr_ipv6 == null && r.ip_protocol == "tcp" && r.from_port == r.to_port
    ])
    error_message = "No rule names a range; each opens one port."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.from_group) == keys(aws_vpc_security_group_egress_rule.to_group)
    error_message = "Every way out has its way in."
  }
  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.to_group) == ["secrets-to-secrets-8201", "tracking-to-database-5432", "training-to-endpoints-443"]
    error_message = "Only the listed flows between groups exist."
  }
  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.to_s3) == ["training-to-s3-443"]
    error_message = "Only the listed group reaches S3."
  }
  assert {
    condition     = jsonencode([for r in aws_vpc_security_group_ingress_rule.from_bank : r.prefix_list_id]) == jsonencode(var.client_prefix_list_ids)
    error_message = "The bank comes in by its prefix list."
  }
  assert {
    condition     = length(aws_default_network_acl.this.ingress) == 0 && length(aws_default_network_acl.this.egress) == 0
    error_message = "The default ACL lets nothing pass."
  }
}

run "acls_correct" {
  command = plan
  assert {
    condition = alltrue([
      for r in concat(values(aws_network_acl_rule.ingress), values(aws_network_acl_rule.egress)) :
      contains(concat([var.cidr], var.s3_cidrs, var.client_cidrs), r.cidr_block) && r.protocol == "tcp"
    ])
    error_message = "ACLs name the VPC, S3 and the bank, nothing else."
  }
  assert {
    condition     = length([for n, r in aws_network_acl_rule.ingress : n if r.cidr_block == "10.200.0.0/16" && !(r.from_port == 443 && r.to_port == 443 && startswith(n, "workload"))]) == 0
    error_message = "The bank reaches workloads on the listed port only, never data."
  }
  assert {
    condition     = contains(keys(aws_network_acl_rule.ingress), "workload-10.200.0.0/16-443") && contains(keys(aws_network_acl_rule.egress), "workload-10.200.0.0/16-1024")
    error_message = "The bank's request passes and its answer too."
  }
  assert {
    condition     = length([for r in values(aws_network_acl_rule.egress) : r if contains(var.s3_cidrs, r.cidr_block) && (r.from_port != 443 || r.to_port != 443)]) == 0
    error_message = "S3 is asked on 443 only."
  }
}

run "endpoints_correct" {
  command = plan
  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == var.services
    error_message = "Exactly the listed services have an endpoint."
  }
  assert {
    condition     = alltrue([for e in aws_vpc_endpoint.interface : e.private_dns_enabled && e.vpc_endpoint_type == "Interface"])
    error_message = "Interface endpoints answer under the service's own name."
  }
  assert {
    condition = alltrue(flatten([for e in aws_vpc_endpoint.interface : [
      for s in jsondecode(e.policy).Statement : try(s.Condition.StringEquals["aws:PrincipalOrgID"], "") == var.organisation_id
    ]]))
    error_message = "Every statement asks for the bank's organisation."
  }
  assert {
    condition = alltrue(flatten([for e in aws_vpc_endpoint.interface : [
      for s in jsondecode(e.policy).Statement : try(s.Condition.StringEquals["aws:ResourceOrgID"], "") == var.organisation_id if contains(s.Resource, "*")
    ]]))
    error_message = "Where no resource can be named, its organisation is."
  }
  assert {
    condition = alltrue(flatten([for e in aws_vpc_endpoint.interface : [
      for s in jsondecode(e.policy).Statement : [for r in s.Resource : r == "*" || strcontains(r, ":123456789012:")]
    ]]))
    error_message = "Named resources belong to this account."
  }
  assert {
    condition     = jsonencode(jsondecode(aws_vpc_endpoint.interface["kms"].policy).Statement[0].Resource) == jsonencode(var.keys)
    error_message = "KMS is reached for the named keys only."
  }
  assert {
    condition = alltrue(flatten([for e in concat(values(aws_vpc_endpoint.interface), [aws_vpc_endpoint.s3]) : [
      for s in jsondecode(e.policy).Statement : [for a in s.Action : !strcontains(a, "*")]
    ]]))
    error_message = "No action may hold a wildcard."
  }
}

run "s3_endpoint_correct" {
  command = plan
  assert {
    condition     = [for s in jsondecode(aws_vpc_endpoint.s3.policy).Statement : s.Sid] == ["List", "Objects", "ImageLayers"]
    error_message = "Own buckets and image layers, nothing else."
  }
  assert {
    condition     = jsonencode(jsondecode(aws_vpc_endpoint.s3.policy).Statement[1].Resource) == jsonencode([for b in var.buckets : "${b}/*"])
    error_message = "Objects of the named buckets only."
  }
  assert {
    condition = alltrue([for s in jsondecode(aws_vpc_endpoint.s3.policy).Statement :
      s.Sid == "ImageLayers" ? jsonencode(s.Action) == jsonencode(["s3:GetObject"]) : try(s.Condition.StringEquals == { "aws:PrincipalOrgID" = var.organisation_id, "aws:ResourceOrgID" = var.organisation_id }, false)
    ])
    error_message = "Own buckets ask for the organisation on both sides; image layers are only read."
  }
}

run "without_registry_correct" {
  command = plan
  variables {
    services = ["kms"]
  }
  assert {
    condition     = [for s in jsondecode(aws_vpc_endpoint.s3.policy).Statement : s.Sid] == ["List", "Objects"]
    error_message = "Without a registry no foreign bucket is reachable."
  }
}

run "flow_logs_correct" {
  command = plan
  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.max_aggregation_interval == 60
    error_message = "All traffic is logged within a minute."
  }
  assert {
    condition     = aws_cloudwatch_log_group.flows.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.flows.retention_in_days == 365
    error_message = "Flow logs are encrypted and kept."
  }
  assert {
    condition     = aws_iam_role.flows.permissions_boundary == var.permissions_boundary_arn && jsondecode(aws_iam_role.flows.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == var.account_id
    error_message = "The role stands under the boundary and serves this account."
  }
  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.flows.policy).Statement : [for r in s.Resource : startswith(r, "arn:aws:logs:eu-central-1:123456789012:log-group:") && (s.Sid == "Find" || strcontains(r, "/redoubt/pd-prod/flows"))]]))
    error_message = "The role writes to its own log group."
  }
}

run "dns_firewall_correct" {
  command = plan
  assert {
    condition     = aws_route53_resolver_firewall_rule.this["allowed"].priority < aws_route53_resolver_firewall_rule.this["rest"].priority && aws_route53_resolver_firewall_rule.this["rest"].action == "BLOCK"
    error_message = "Known names pass first, the rest is blocked."
  }
  assert {
    condition     = jsonencode(aws_route53_resolver_firewall_domain_list.this["rest"].domains) == jsonencode(["*"]) && !contains(aws_route53_resolver_firewall_domain_list.this["allowed"].domains, "*")
    error_message = "Block everything, allow something."
  }
  assert {
    condition     = contains(aws_route53_resolver_firewall_domain_list.this["allowed"].domains, "*.internal.bank.example")
    error_message = "The bank's own domains pass."
  }
  assert {
    condition     = aws_route53_resolver_firewall_config.this["pd-prod"].firewall_fail_open == "DISABLED"
    error_message = "A firewall that cannot answer lets nothing pass."
  }
}

run "without_dns_firewall_correct" {
  command = plan
  variables {
    with_dns_firewall = false
  }
  assert {
    condition     = length(aws_route53_resolver_firewall_rule.this) + length(aws_route53_resolver_firewall_config.this) == 0
    error_message = "An emulator without the service gets none of it."
  }
}
