# The VPC, and AWS's defaults in it emptied. Nothing in this module can make a way to the internet.
# control: NET-01
resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = "${var.prefix}-vpc" }
}

# AWS makes this group with an open way out; a resource without rules removes it.
# control: NET-03
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.prefix}-default-unused" }
}

# control: NET-03
resource "aws_default_network_acl" "this" {
  default_network_acl_id = aws_vpc.this.default_network_acl_id

  tags = { Name = "${var.prefix}-default-unused" }
}

# control: NET-01
resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route                  = []

  tags = { Name = "${var.prefix}-default-unused" }
}
