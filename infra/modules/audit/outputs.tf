output "detector_id" {
  description = "Id of the GuardDuty detector."
  value       = aws_guardduty_detector.this.id
}

output "log_group_arn" {
  description = "ARN of the trail's log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "log_group_name" {
  description = "Name of the trail's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "topic_arn" {
  description = "ARN of the topic that every alarm goes to."
  value       = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${aws_sns_topic.this.name}"
}

output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}
