# What a bank's landing zone may bring instead of this composition; the rest takes what is named here and asks no
# further. Whoever brings a part also answers for its controls: their rooms judge only what this project makes.
variable "landing_zone" {
  description = "Parts that exist already: a network (ids), keys (an ARN for each purpose), a topic for alarms of an organisation's own trail and detectors. What is left out is made here."
  type = object({
    network = optional(object({
      vpc_id                  = string
      workload_subnet_ids     = list(string)
      data_subnet_ids         = list(string)
      execute_api_endpoint_id = string
      security_group_ids      = map(string)
    }))
    keys            = optional(map(string))
    alarm_topic_arn = optional(string)
  })
  default = {}

  validation {
    condition     = var.landing_zone.network == null || try(length(var.landing_zone.network.workload_subnet_ids) == 3 && length(var.landing_zone.network.data_subnet_ids) == 3, false)
    error_message = "landing_zone.network names ${try(length(var.landing_zone.network.workload_subnet_ids), 0)} workload subnets and ${try(length(var.landing_zone.network.data_subnet_ids), 0)} data subnets; give three of each, one a zone."
  }

  validation {
    condition = var.landing_zone.network == null || try(length(setsubtract(
      ["database", "secrets", "secrets-balancer", "serving", "serving-balancer", "tracking", "tracking-balancer", "training"],
      keys(var.landing_zone.network.security_group_ids),
    )) == 0, false)
    error_message = "landing_zone.network.security_group_ids has ${try(join(", ", keys(var.landing_zone.network.security_group_ids)), "nothing")}; give database, secrets, secrets-balancer, serving, serving-balancer, tracking, tracking-balancer and training."
  }

  validation {
    condition     = alltrue([for arn in values(coalesce(var.landing_zone.keys, {})) : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", arn))])
    error_message = "landing_zone.keys is ${jsonencode(coalesce(var.landing_zone.keys, {}))}; give each key by its own ARN, never an alias or a wildcard."
  }

  validation {
    condition = var.landing_zone.keys == null || try(length(setsubtract(
      concat(
        ["alarms", "artefacts", "audit", "backup", "data", "database", "logs", "protected", "registry", "seal", "secrets", "tasks", "volumes"],
        [for name in var.personal_datasets : "dataset-${name}"],
      ),
      keys(var.landing_zone.keys),
    )) == 0, false)
    error_message = "landing_zone.keys has ${join(", ", keys(coalesce(var.landing_zone.keys, {})))}; give alarms, artefacts, audit, backup, data, database, logs, protected, registry, seal, secrets, tasks, volumes, and dataset-NAME for each of personal_datasets."
  }

  validation {
    condition     = var.landing_zone.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[^*]+$", var.landing_zone.alarm_topic_arn))
    error_message = "landing_zone.alarm_topic_arn is \"${coalesce(var.landing_zone.alarm_topic_arn, "null")}\"; give the ARN of a topic."
  }
}

locals {
  makes_network = var.landing_zone.network == null
  makes_keys    = var.landing_zone.keys == null
  makes_audit   = var.landing_zone.alarm_topic_arn == null

  network = {
    vpc_id                  = local.makes_network ? module.network[0].vpc_id : var.landing_zone.network.vpc_id
    workload_subnet_ids     = local.makes_network ? module.network[0].workload_subnet_ids : var.landing_zone.network.workload_subnet_ids
    data_subnet_ids         = local.makes_network ? module.network[0].data_subnet_ids : var.landing_zone.network.data_subnet_ids
    execute_api_endpoint_id = local.makes_network ? module.network[0].endpoint_ids["execute-api"] : var.landing_zone.network.execute_api_endpoint_id
    security_group_ids      = local.makes_network ? module.network[0].security_group_ids : var.landing_zone.network.security_group_ids
  }
  key_arns = local.makes_keys ? module.keys[0].key_arns : var.landing_zone.keys
  # control: NET-06
  alarm_topic_arn = local.makes_audit ? module.audit[0].topic_arn : var.landing_zone.alarm_topic_arn
}
