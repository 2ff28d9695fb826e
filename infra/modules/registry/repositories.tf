# One repository a workload: tags cannot be moved, images are scanned when they arrive.
resource "aws_ecr_repository" "this" {
  for_each = var.repositories

  name = "${var.prefix}-${each.key}"
  # control: SUP-01
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false

  # control: SUP-02
  image_scanning_configuration {
    scan_on_push = true
  }

  # control: SEC-04
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.key_arn
  }
}

# Candidates make room for newer ones; releases stay as long as their records. Untagged images are litter in
# development only: above it an image arrives by digest and may carry no tag.
# control: DAT-08
resource "aws_ecr_lifecycle_policy" "this" {
  for_each = var.repositories

  repository = aws_ecr_repository.this[each.key].name
  policy     = jsonencode({ rules = [for rule in local._rules : rule if var.environment == "development" || rule.selection.tagStatus == "tagged"] })
}

locals {
  _rules = jsondecode(jsonencode([
    {
      rulePriority = 1
      description  = "The last ${var.kept_images} candidates stay."
      selection = {
        tagStatus      = "tagged"
        tagPatternList = ["candidate-*"]
        countType      = "imageCountMoreThan"
        countNumber    = var.kept_images
      }
      action = { type = "expire" }
    },
    {
      rulePriority = 2
      description  = "Untagged images go after ${var.untagged_days} days."
      selection = {
        tagStatus   = "untagged"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = var.untagged_days
      }
      action = { type = "expire" }
    },
  ]))
}
