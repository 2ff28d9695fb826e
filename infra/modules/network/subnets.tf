# Two private subnets a zone: one for workloads and endpoints, one for what keeps data.
locals {
  # The range falls into eight blocks: 0 to 2 for workloads, 4 to 6 for data, 3 and 7 stay free.
  workload_cidrs = { for i, zone in var.zones : zone => cidrsubnet(var.cidr, 3, i) }
  data_cidrs     = { for i, zone in var.zones : zone => cidrsubnet(var.cidr, 3, i + 4) }
}

resource "aws_subnet" "workload" {
  for_each = local.workload_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  # control: NET-01
  map_public_ip_on_launch = false

  tags = { Name = "${var.prefix}-workload-${each.key}" }
}

resource "aws_subnet" "data" {
  for_each = local.data_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  # control: NET-01
  map_public_ip_on_launch = false

  tags = { Name = "${var.prefix}-data-${each.key}" }
}

# Holds the VPC's own route and the gateway endpoint's. A bank adds its transit gateway through the output's id.
# control: NET-01
resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  route  = []

  tags = { Name = "${var.prefix}-private" }
}

resource "aws_route_table_association" "workload" {
  for_each = aws_subnet.workload

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

resource "aws_route_table_association" "data" {
  for_each = aws_subnet.data

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}
