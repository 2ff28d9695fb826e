# control: SEC-04
output "repository_arns" {
  description = "ARN of each repository, by workload."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "repository_urls" {
  description = "Address of each repository, by workload; an image is named by it, @ and its digest."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}
