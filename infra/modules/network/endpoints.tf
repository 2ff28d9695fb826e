# The only ways out of the VPC: endpoints of AWS services, each with a policy of its own.
# control: NET-02
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.this.id]
  # control: NET-02
  policy = jsonencode(local.s3_policy)

  tags = { Name = "${var.prefix}-s3" }
}

# control: NET-02
resource "aws_vpc_endpoint" "interface" {
  for_each = var.services

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.workload : subnet.id]
  security_group_ids  = [aws_security_group.this["endpoints"].id]
  # control: NET-02
  policy = jsonencode(local.interface_policies[each.key])

  tags = { Name = "${var.prefix}-${each.key}" }
}
