# The actions of KMS in groups, spelt out: a wildcard would mix administration with use.
locals {
  _use_data = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ]
  _use  = concat(local._use_data, ["kms:DescribeKey"])
  _read = ["kms:Decrypt", "kms:DescribeKey"]

  # Builds and repairs; takes nothing away from data.
  _maintain = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DescribeKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
  ]

  # Makes data unreadable: administrators alone. Nobody may switch rotation off.
  _withdraw = [
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
  ]

  _all_users = distinct(flatten([for p in values(var.purposes) : concat(p.users, p.readers, p.grantors)]))
}
