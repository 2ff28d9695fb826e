output "balancer_dns_name" {
  description = "Name of the load balancer, for the bank's private alias of host."
  value       = aws_lb.this.dns_name
}

output "balancer_zone_id" {
  description = "Hosted zone of the load balancer, for the same alias."
  value       = aws_lb.this.zone_id
}

output "log_group_arn" {
  description = "Log group of the store's audit log."
  value       = aws_cloudwatch_log_group.this.arn
}

output "log_group_name" {
  description = "Name of that log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "role_arn" {
  description = "Role of the nodes; the seal's, the materials' and the snapshots' keys serve it."
  value       = "arn:${var.partition}:iam::${var.account_id}:role/${aws_iam_role.this.name}"
}

output "url" {
  description = "Address of the store, as clients say it."
  value       = "https://${var.host}:8200"
}

output "volume_arns" {
  description = "Data volumes by node."
  value       = { for node, volume in aws_ebs_volume.this : node => volume.arn }
}
