# Names that may be looked up: AWS's in this region and the bank's own. DNS is a way out like any other.
locals {
  _firewall = var.with_dns_firewall ? { (var.prefix) = aws_vpc.this.id } : {}
  _lookups = concat([
    "*.${var.region}.amazonaws.com",
    "*.${var.region}.elb.amazonaws.com",
    "*.${var.region}.rds.amazonaws.com",
    "*.${var.region}.compute.internal",
  ], var.domains)
  _domains = { allowed = local._lookups, rest = ["*"] }
  _rules = {
    allowed = { priority = 100, action = "ALLOW", block_response = null }
    rest    = { priority = 200, action = "BLOCK", block_response = "NXDOMAIN" }
  }
}

# control: NET-01
resource "aws_route53_resolver_firewall_domain_list" "this" {
  for_each = var.with_dns_firewall ? local._domains : {}

  name    = "${var.prefix}-${each.key}"
  domains = each.value
}

resource "aws_route53_resolver_firewall_rule_group" "this" {
  for_each = local._firewall

  name = "${each.key}-lookups"
}

# control: NET-01
resource "aws_route53_resolver_firewall_rule" "this" {
  for_each = var.with_dns_firewall ? local._rules : {}

  name                    = "${var.prefix}-${each.key}"
  priority                = each.value.priority
  action                  = each.value.action
  block_response          = each.value.block_response
  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.this[each.key].id
  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.this[var.prefix].id
}

resource "aws_route53_resolver_firewall_rule_group_association" "this" {
  for_each = local._firewall

  name                   = "${each.key}-lookups"
  vpc_id                 = each.value
  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.this[each.key].id
  priority               = 101
  # Terraform itself lifts the protection when it removes the association; nobody else does in passing.
  mutation_protection = "ENABLED"
}

# When the firewall cannot answer, the lookup fails.
# control: NET-01
resource "aws_route53_resolver_firewall_config" "this" {
  for_each = local._firewall

  resource_id        = each.value
  firewall_fail_open = "DISABLED"
}
