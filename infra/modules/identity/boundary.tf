# The most that any role of the project can ever do, whatever policy is put on it.
# control: IAM-01
resource "aws_iam_policy" "boundary" {
  name        = "${var.prefix}-boundary"
  description = "Upper bound of every role of ${var.prefix}."
  policy      = jsonencode(local.boundary)

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.boundary)) <= 6144
      error_message = "The boundary has ${length(jsonencode(local.boundary))} characters and AWS takes 6144; take actions out of access.yml."
    }
  }
}

locals {
  boundary = {
    Version   = "2012-10-17"
    Statement = jsondecode(jsonencode(concat([local._ceiling], local._denies)))
  }

  # The actions of the matrix and of the services' roles, spelt out. It grants nothing: resources are named where
  # an action is granted.
  # control: IAM-01
  _ceiling = {
    Sid      = "AtMost"
    Effect   = "Allow"
    Action   = sort(distinct(concat(flatten([for set in local._matrix.sets : set.actions]), local._matrix.services)))
    Resource = "*"
  }

  # A deny names whole families of actions: a list of them would have holes.
  _denies = [
    {
      # Services without a regional endpoint answer from elsewhere.
      Sid       = "StayInRegion"
      Effect    = "Deny"
      NotAction = ["iam:*", "sts:*"]
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:RequestedRegion" = concat([var.region], var.copy_regions) } }
    },
    {
      Sid    = "NoEscalation"
      Effect = "Deny"
      Action = [
        "iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Put*", "iam:Remove*", "iam:Set*",
        "iam:Update*", "iam:Upload*", "organizations:*",
      ]
      Resource = "*"
    },
    {
      # control: MON-02
      Sid    = "AuditStands"
      Effect = "Deny"
      Action = [
        "cloudtrail:Delete*", "cloudtrail:Put*", "cloudtrail:Stop*", "cloudtrail:Update*", "config:Delete*",
        "config:Stop*", "ec2:DeleteFlowLogs", "guardduty:Delete*", "guardduty:Disassociate*", "guardduty:Update*",
      ]
      Resource = "*"
    },
    {
      # RDS sets the retention of one group itself: its measures of the machine.
      # control: MON-02
      Sid         = "LogsStand"
      Effect      = "Deny"
      Action      = ["logs:Delete*", "logs:PutRetentionPolicy"]
      NotResource = [local._measures, "${local._measures}:*"]
    },
    {
      # control: MON-02
      Sid       = "AuditBucketIsReadOnly"
      Effect    = "Deny"
      NotAction = ["s3:Get*", "s3:List*"]
      Resource  = [local._audit_bucket, "${local._audit_bucket}/*"]
    },
    {
      # control: NET-01
      Sid    = "NoWayOut"
      Effect = "Deny"
      Action = [
        "ec2:Accept*", "ec2:AllocateAddress", "ec2:AssociateAddress", "ec2:AttachInternetGateway", "ec2:CreateRoute",
        "ec2:Create*Gateway", "ec2:CreateVpcPeeringConnection", "s3:PutAccountPublicAccessBlock", "s3:PutBucketAcl",
        "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutObjectAcl", "ecr-public:*",
      ]
      Resource = "*"
    },
  ]

  # By name, not from storage: the boundary must stand before any bucket.
  _audit_bucket = "arn:${var.partition}:s3:::${var.prefix}-audit-${var.account_id}"
  _measures     = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:RDSOSMetrics"
}
