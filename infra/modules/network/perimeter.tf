# The data perimeter: what the endpoints let pass. The bank's own people and machines, its own resources.
locals {
  _catalogue = yamldecode(templatefile("${path.module}/services.yml.tftpl", {
    account_id = var.account_id
    partition  = var.partition
    region     = var.region
  }))
  _lists = { keys = var.keys }

  # control: NET-02
  interface_policies = {
    for service in var.services : service => {
      Version = "2012-10-17"
      Statement = [
        for statement in local._catalogue[service] : {
          Sid       = statement.sid
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = statement.actions
          Resource  = try(local._lists[statement.resources], statement.resources)
          Condition = { StringEquals = merge(local._ours, try(contains(statement.resources, "*"), false) ? local._our_resources : {}) }
        }
      ]
    }
  }

  _ours          = { "aws:PrincipalOrgID" = var.organisation_id }
  _our_resources = { "aws:ResourceOrgID" = var.organisation_id }

  # control: NET-02
  s3_policy = {
    Version   = "2012-10-17"
    Statement = concat(local._own_buckets, contains(var.services, "ecr.dkr") ? local._image_layers : [])
  }

  _own_buckets = [
    {
      Sid       = "List"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"]
      Resource  = var.buckets
      # A bucket's ARN holds no account, so its owner is asked for as well.
      Condition = { StringEquals = merge(local._ours, local._our_resources) }
    },
    {
      Sid       = "Objects"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action = [
        "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectRetention",
        "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:ListMultipartUploadParts", "s3:PutObject",
        "s3:PutObjectRetention", "s3:PutObjectTagging",
      ]
      Resource  = [for arn in var.buckets : "${arn}/*"]
      Condition = { StringEquals = merge(local._ours, local._our_resources) }
    },
  ]

  # ECR keeps image layers in a bucket of AWS's own and signs the links itself: no organisation to ask for, read only.
  _image_layers = [{
    Sid       = "ImageLayers"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = ["s3:GetObject"]
    Resource  = ["arn:${var.partition}:s3:::prod-${var.region}-starport-layer-bucket/*"]
  }]
}
