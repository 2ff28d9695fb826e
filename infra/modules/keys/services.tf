# What AWS's own services may do with a key: only on behalf of this account, where AWS says for whom it asks.
locals {
  _services = {
    for name, purpose in var.purposes : name => flatten([
      for service in purpose.services : concat(
        [merge(
          {
            Sid       = "Serve${replace(title(split(".", service)[0]), "-", "")}"
            Effect    = "Allow"
            Principal = { Service = service }
            Action    = local._use
            Resource  = "*"
          },
          # jsondecode lets conditions of different shape stand in one list.
          jsondecode(lookup(local._limits, split(".", service)[0], jsonencode({ Condition = local._called_for_account }))),
        )],
        [for statement in local._fargate : statement if service == "fargate.amazonaws.com"],
      )
    ])
  }

  _limits = {
    # CloudWatch Logs says whose log group it is in the encryption context, the others in aws:SourceAccount.
    logs = jsonencode({ Condition = local._logs_of_account })
    # EventBridge sends neither account nor source to KMS when it writes to an encrypted topic: a condition would
    # swallow every alarm unheard. The topic's policy says what it may be told.
    # control: MON-05
    events  = jsonencode({})
    fargate = jsonencode({ Condition = local._clusters_of_account })
  }

  # Fargate lends the key to the machine that runs a task, for decryption only.
  _fargate = jsondecode(jsonencode([{
    Sid       = "LendToFargate"
    Effect    = "Allow"
    Principal = { Service = "fargate.amazonaws.com" }
    Action    = ["kms:CreateGrant"]
    Resource  = "*"
    Condition = merge(local._clusters_of_account, { "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] } })
  }]))

  _clusters_of_account = {
    StringEquals = { "kms:EncryptionContext:aws:ecs:clusterAccount" = var.account_id }
  }
  _logs_of_account = {
    ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:*" }
  }
  _called_for_account = {
    StringEquals = { "aws:SourceAccount" = var.account_id }
  }
}
