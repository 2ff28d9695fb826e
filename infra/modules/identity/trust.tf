# Who may take each role: people by the bank's identity provider, pipelines by the forge, tasks by ECS.
locals {
  trusts = {
    for role, entry in local._matrix.roles : role => {
      Version   = "2012-10-17"
      Statement = [jsondecode(local._trust[entry.is == "pipeline" ? role : entry.is])]
    }
  }

  _trust = merge(
    {
      # The bank's identity provider says in the SAML Role attribute who may take which role.
      # control: IAM-04
      person = jsonencode({
        Effect    = "Allow"
        Principal = { Federated = var.federation.provider_arn }
        Action    = "sts:AssumeRoleWithSAML"
        Condition = {
          StringEquals               = { "SAML:aud" = var.sign_in_url }
          "ForAnyValue:StringEquals" = { (var.federation.mfa_claim) = var.federation.mfa_values }
        }
      })
      # control: IAM-01
      # control: NET-06
      task = jsonencode({
        Effect    = "Allow"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:${var.partition}:ecs:${var.region}:${var.account_id}:*" }
        }
      })
    },
    {
      # control: IAM-03
      for role, subject in var.pipeline.subjects : role => jsonencode({
        Effect    = "Allow"
        Principal = { Federated = local._forge }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${var.pipeline.issuer}:aud" = var.pipeline.audience
            "${var.pipeline.issuer}:sub" = subject
          }
        }
      })
    },
  )
}

# The forge's tokens are accepted for one audience; AWS checks the issuer's certificate against its own list.
# control: IAM-03
resource "aws_iam_openid_connect_provider" "forge" {
  url             = "https://${var.pipeline.issuer}"
  client_id_list  = [var.pipeline.audience]
  thumbprint_list = var.pipeline.thumbprints
}

locals {
  # By its address, so that a plan shows whom pipelines come from.
  _forge = "arn:${var.partition}:iam::${var.account_id}:oidc-provider/${trimprefix(aws_iam_openid_connect_provider.forge.url, "https://")}"
}
