# Who may administer a key and who may use it: never the same role. In a key policy "*" means this key.
locals {
  # A statement without a principal would be invalid, so an empty list leaves its statements out.
  statements = {
    for name, purpose in var.purposes : name => concat(
      local._administration,
      [for s in local._uses[name] : s if length(s.Principal.AWS) > 0],
      [for s in local._grants[name] : s if length(s.Principal.AWS) > 0],
      local._services[name],
    )
  }

  # A grant here is enough by itself, so the services that the access matrix binds a key to are named here too.
  # control: IAM-01
  _uses = {
    for name, purpose in var.purposes : name => [
      for s in [
        { Sid = "Use", Effect = "Allow", Principal = { AWS = purpose.users }, Action = local._use, Resource = "*" },
        { Sid = "Read", Effect = "Allow", Principal = { AWS = purpose.readers }, Action = local._read, Resource = "*" },
      ] : merge(s, jsondecode(local._through[name]))
    ]
  }

  # jsondecode lets conditions of different shape stand in one list.
  _through = {
    for name, purpose in var.purposes : name => (
      length(purpose.via) == 0 ? jsonencode({})
      : jsonencode({ Condition = { StringEquals = { "kms:ViaService" = [for s in purpose.via : "${s}.${var.region}.amazonaws.com"] } } })
    )
  }

  # control: SEC-05
  _administration = [
    {
      # Keeps the key repairable when every administrator is gone, and lets Terraform read and tag it through
      # IAM. Holds no right to use the key: no IAM policy can add one.
      Sid       = "RepairByAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${var.partition}:iam::${var.account_id}:root" }
      Action    = local._maintain
      Resource  = "*"
    },
    {
      Sid       = "Administer"
      Effect    = "Allow"
      Principal = { AWS = var.administrators }
      Action    = concat(local._maintain, local._withdraw)
      Resource  = "*"
    },
    {
      # Also beats a grant: an administrator cannot hand the use of a key to himself without changing this policy,
      # which raises the alarm.
      # control: SEC-05
      Sid       = "SeparateAdministrationFromUse"
      Effect    = "Deny"
      Principal = { AWS = var.administrators }
      Action    = concat(local._use_data, ["kms:CreateGrant"])
      Resource  = "*"
    },
    {
      Sid       = "KeepLockoutCheck"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = ["kms:PutKeyPolicy"]
      Resource  = "*"
      Condition = { Bool = { "kms:BypassPolicyLockoutSafetyCheck" = "true" } }
    },
  ]

  _grants = {
    for name, purpose in var.purposes : name => [
      {
        Sid       = "UseThroughService"
        Effect    = "Allow"
        Principal = { AWS = purpose.grantors }
        Action    = local._use
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = [for s in purpose.via : "${s}.${var.region}.amazonaws.com"] } }
      },
      {
        Sid       = "GrantToService"
        Effect    = "Allow"
        Principal = { AWS = purpose.grantors }
        Action    = ["kms:CreateGrant"]
        Resource  = "*"
        Condition = {
          Bool         = { "kms:GrantIsForAWSResource" = "true" }
          StringEquals = { "kms:ViaService" = [for s in purpose.via : "${s}.${var.region}.amazonaws.com"] }
        }
      },
    ]
  }
}
