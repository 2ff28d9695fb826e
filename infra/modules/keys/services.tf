# What AWS's own services may do with a key: only on behalf of this account.
locals {
  _services = {
    for name, purpose in var.purposes : name => [
      for service in purpose.services : {
        Sid       = "Serve${replace(title(split(".", service)[0]), "-", "")}"
        Effect    = "Allow"
        Principal = { Service = service }
        Action    = local._use
        Resource  = "*"
        # CloudWatch Logs says whose log group it is in the encryption context, the others in aws:SourceAccount.
        Condition = { for test, keys in startswith(service, "logs.") ? local._logs_of_account : local._called_for_account : test => keys }
      }
    ]
  }

  _logs_of_account = {
    ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:*" }
  }
  _called_for_account = {
    StringEquals = { "aws:SourceAccount" = var.account_id }
  }
}
