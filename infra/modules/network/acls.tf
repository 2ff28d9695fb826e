# Network ACLs: the coarse second filter. Only the VPC, S3 and, for workloads, the bank's own networks pass.
locals {
  # ACLs keep no state: answers come back on ephemeral ports, which also hold every service port above 1023.
  _low_ports  = toset([for port in distinct(concat([443], [for flow in var.flows : flow.port])) : tostring(port) if port < 1024])
  _bank_ports = distinct([for flow in var.flows : flow.port if flow.from == "bank"])

  _inside = concat(
    [{ cidr = var.cidr, from = 1024, to = 65535 }],
    [for port in local._low_ports : { cidr = var.cidr, from = tonumber(port), to = tonumber(port) }],
  )
  _ephemeral = {
    s3   = [for range in var.s3_cidrs : { cidr = range, from = 1024, to = 65535 }]
    bank = [for range in var.client_cidrs : { cidr = range, from = 1024, to = 65535 }]
  }
  _requests = {
    s3   = [for range in var.s3_cidrs : { cidr = range, from = 443, to = 443 }]
    bank = flatten([for range in var.client_cidrs : [for port in local._bank_ports : { cidr = range, from = port, to = port }]])
  }

  _acl_ingress = {
    data     = concat(local._inside, local._ephemeral.s3)
    workload = concat(local._inside, local._ephemeral.s3, local._requests.bank)
  }
  _acl_egress = {
    data     = concat(local._inside, local._requests.s3)
    workload = concat(local._inside, local._requests.s3, local._ephemeral.bank)
  }
}

# control: NET-03
resource "aws_network_acl" "this" {
  for_each = toset(["data", "workload"])

  vpc_id     = aws_vpc.this.id
  subnet_ids = each.key == "data" ? values(aws_subnet.data)[*].id : values(aws_subnet.workload)[*].id

  tags = { Name = "${var.prefix}-${each.key}" }

  lifecycle {
    precondition {
      condition     = max(length(local._acl_ingress[each.key]), length(local._acl_egress[each.key])) <= 20
      error_message = "The ${each.key} ACL would need ${max(length(local._acl_ingress[each.key]), length(local._acl_egress[each.key]))} rules one way, and AWS allows 20; summarise s3_cidrs or client_cidrs."
    }
  }
}

# control: NET-03
resource "aws_network_acl_rule" "ingress" {
  for_each = merge([for acl, rules in local._acl_ingress : { for i, rule in rules : "${acl}-${rule.cidr}-${rule.from}" => merge(rule, { acl = acl, number = 100 + 10 * i }) }]...)

  network_acl_id = aws_network_acl.this[each.value.acl].id
  rule_number    = each.value.number
  egress         = false
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

# control: NET-03
resource "aws_network_acl_rule" "egress" {
  for_each = merge([for acl, rules in local._acl_egress : { for i, rule in rules : "${acl}-${rule.cidr}-${rule.from}" => merge(rule, { acl = acl, number = 100 + 10 * i }) }]...)

  network_acl_id = aws_network_acl.this[each.value.acl].id
  rule_number    = each.value.number
  egress         = true
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}
