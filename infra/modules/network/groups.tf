# All security groups and their rules, one pair of rules a flow: from group to group, or to and from a prefix list.
locals {
  # "bank" and "s3" are prefix lists, not groups.
  _groups = setsubtract(concat(["endpoints"], flatten([for flow in var.flows : [flow.from, flow.to]])), ["bank", "s3"])
  _flows  = { for flow in var.flows : "${flow.from}-to-${flow.to}-${flow.port}" => flow }

  _between   = { for name, flow in local._flows : name => flow if flow.from != "bank" && flow.to != "s3" }
  _to_s3     = { for name, flow in local._flows : name => flow if flow.to == "s3" }
  _from_bank = merge([for id in var.client_prefix_list_ids : { for name, flow in local._flows : "${name}-${id}" => merge(flow, { id = id }) if flow.from == "bank" }]...)
}

# control: NET-03
resource "aws_security_group" "this" {
  for_each = local._groups

  name        = "${var.prefix}-${each.key}"
  description = "${var.prefix} ${each.key}: reached by and reaching what the list of flows says."
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.prefix}-${each.key}" }
  # checkov:skip=CKV2_AWS_5:This module owns every group and hands ids to the modules whose interfaces they sit on; checkov does not follow an output of a map to an attachment in another module. Until 2027-11-25.
}

# control: NET-03
resource "aws_vpc_security_group_egress_rule" "to_group" {
  for_each = local._between

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.value.why
}

# control: NET-03
resource "aws_vpc_security_group_ingress_rule" "from_group" {
  for_each = local._between

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = each.value.why
}

# control: NET-03
resource "aws_vpc_security_group_egress_rule" "to_s3" {
  for_each = local._to_s3

  security_group_id = aws_security_group.this[each.value.from].id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = each.value.why
}

# control: NET-03
resource "aws_vpc_security_group_ingress_rule" "from_bank" {
  for_each = local._from_bank

  security_group_id = aws_security_group.this[each.value.to].id
  prefix_list_id    = each.value.id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = each.value.why
}
