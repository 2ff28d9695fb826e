# Who may push to and pull from each repository; everybody else in the account is refused.
# control: IAM-01
resource "aws_ecr_repository_policy" "this" {
  for_each = var.repositories

  repository = aws_ecr_repository.this[each.key].name
  policy     = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}

locals {
  _pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
  _push = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]

  _readers = { for name, access in var.repositories : name => sort(distinct(concat(access.pullers, access.pushers, access.copiers))) }
  # Inspector reads images to scan them, by the role that AWS links to it.
  _scanner = "arn:${var.partition}:iam::${var.account_id}:role/aws-service-role/inspector2.amazonaws.com/*"

  # A repository policy speaks of its own repository and takes no Resource.
  statements = {
    for name, access in var.repositories : name => jsondecode(jsonencode(concat(
      [
        { Sid = "Pull", Effect = "Allow", Principal = { AWS = sort(distinct(concat(access.pullers, access.pushers))) }, Action = local._pull },
        { Sid = "Push", Effect = "Allow", Principal = { AWS = access.pushers }, Action = local._push },
      ],
      # control: NET-06
      [for statement in local._copies[name] : statement if length(access.copiers) > 0],
      local._denies[name],
    )))
  }

  # The environment above fetches what it approved; it fetches by digest and gets no right to put or tag.
  _copies = {
    for name, access in var.repositories : name => [{
      Sid       = "CopyUpwards"
      Effect    = "Allow"
      Principal = { AWS = access.copiers }
      Action    = local._pull
    }]
  }

  # Identity policies of this account can grant too: these denies hold against them.
  _denies = {
    for name, access in var.repositories : name => [
      {
        # control: NET-06
        Sid       = "OnlyPushersPush"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = local._push
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = access.pushers } }
      },
      {
        # control: IAM-01
        Sid       = "OnlyNamedPull"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Condition = {
          ArnNotLike   = { "aws:PrincipalArn" = concat(local._readers[name], [local._scanner]) }
          BoolIfExists = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        # control: NET-02
        Sid       = "OrganisationOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = concat(local._pull, local._push)
        Condition = {
          StringNotEqualsIfExists = { "aws:PrincipalOrgID" = var.organisation_id }
          BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
      {
        # Only the lifecycle rules delete images, and nobody replaces a tag.
        # control: SUP-01
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["ecr:BatchDeleteImage", "ecr:PutImageTagMutability", "ecr:ReplicateImage"]
      },
    ]
  }
}
