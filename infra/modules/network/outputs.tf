output "data_subnet_ids" {
  description = "The three subnets of what keeps data, in the order of zones."
  value       = [for zone in var.zones : aws_subnet.data[zone].id]
}

output "endpoint_ids" {
  description = "Interface endpoints, by the service's short name."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "flow_log_group_name" {
  description = "Log group of the flow logs."
  value       = aws_cloudwatch_log_group.flows.name
}

output "route_table_id" {
  description = "The private route table: where a bank's landing zone adds the way to its own networks."
  value       = aws_route_table.this.id
}

output "s3_endpoint_id" {
  description = "The gateway endpoint of S3."
  value       = aws_vpc_endpoint.s3.id
}

output "s3_prefix_list_id" {
  description = "Prefix list of the gateway endpoint."
  value       = aws_vpc_endpoint.s3.prefix_list_id
}

output "security_group_ids" {
  description = "Security groups, by the names that flows uses."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "vpc_cidr" {
  description = "Range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "workload_subnet_ids" {
  description = "The three subnets of workloads, in the order of zones."
  value       = [for zone in var.zones : aws_subnet.workload[zone].id]
}
