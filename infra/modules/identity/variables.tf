variable "account_id" {
  description = "Account of this environment, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\"; give 12 digits."
  }
}

variable "bucket_arns" {
  description = "Buckets by class: raw, trusted, protected, artefacts, audit."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.bucket_arns) : can(regex("^arn:[a-z-]+:s3:[^*?]+$", arn))])
    error_message = "bucket_arns is ${jsonencode(var.bucket_arns)}; give full ARNs of s3, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(setunion(local._used.buckets, local._used.objects), keys(var.bucket_arns))) == 0
    error_message = "bucket_arns has ${jsonencode(keys(var.bucket_arns))}; access.yml also names ${jsonencode(setsubtract(setunion(local._used.buckets, local._used.objects), keys(var.bucket_arns)))}: add them."
  }
}

variable "copy_regions" {
  description = "Other regions that backups are copied to; no role reaches any other."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.copy_regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "copy_regions is ${jsonencode(var.copy_regions)}; give regions such as eu-west-1."
  }
}

variable "dataset_key_arns" {
  description = "Keys of datasets of personal data, by dataset; the matrix calls them datasets."
  type        = map(string)
  default     = {}

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.dataset_key_arns) : can(regex("^arn:[a-z-]+:kms:[^*?]+:key/[^*?]+$", arn))])
    error_message = "dataset_key_arns is ${jsonencode(var.dataset_key_arns)}; give full ARNs of keys, none with a wildcard."
  }
}

variable "environment" {
  description = "Which environment this is."
  type        = string

  validation {
    condition     = contains(["development", "validation", "production"], var.environment)
    error_message = "environment is \"${var.environment}\"; development, validation or production would do."
  }
}

variable "event_bus_arns" {
  description = "Event buses that may be asked for a training run, by name."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.event_bus_arns) : can(regex("^arn:[a-z-]+:events:[^*?]+$", arn))])
    error_message = "event_bus_arns is ${jsonencode(var.event_bus_arns)}; give full ARNs of events, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.event_buses, keys(var.event_bus_arns))) == 0
    error_message = "event_bus_arns has ${jsonencode(keys(var.event_bus_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.event_buses, keys(var.event_bus_arns)))}: add them."
  }
}

variable "federation" {
  description = "The bank's identity provider for people: its SAML provider in this account, the assertion that says how somebody signed in, and its values that mean MFA."
  type = object({
    provider_arn = string
    mfa_claim    = string
    mfa_values   = list(string)
  })

  # control: IAM-04
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::${var.account_id}:saml-provider/[A-Za-z0-9._-]+$", var.federation.provider_arn))
    error_message = "federation.provider_arn is \"${var.federation.provider_arn}\"; give a SAML provider of account ${var.account_id}. An OIDC provider for people would do nothing to say which person may take which role."
  }

  # control: IAM-04
  validation {
    condition     = contains(["saml:edupersonassurance", "saml:edupersonentitlement", "saml:organizationstatus"], lower(var.federation.mfa_claim))
    error_message = "federation.mfa_claim is \"${var.federation.mfa_claim}\"; AWS reads sign-in strength from saml:edupersonassurance, saml:edupersonentitlement or saml:organizationstatus."
  }

  # control: IAM-04
  validation {
    condition     = length(var.federation.mfa_values) > 0 && alltrue([for value in var.federation.mfa_values : can(regex("^[^*?]+$", value))])
    error_message = "federation.mfa_values is ${jsonencode(var.federation.mfa_values)}; give at least one exact value, no wildcard."
  }
}

variable "key_arns" {
  description = "Keys by purpose, every one that access.yml names."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.key_arns) : can(regex("^arn:[a-z-]+:kms:[^*?]+$", arn))])
    error_message = "key_arns is ${jsonencode(var.key_arns)}; give full ARNs of kms, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.keys, concat(keys(var.key_arns), ["datasets"]))) == 0
    error_message = "key_arns has ${jsonencode(keys(var.key_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.keys, concat(keys(var.key_arns), ["datasets"])))}: add them."
  }
}

variable "log_group_arns" {
  description = "Log groups by workload, without :* behind: serving, tracking, training."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.log_group_arns) : can(regex("^arn:[a-z-]+:logs:[^*?]+$", arn))])
    error_message = "log_group_arns is ${jsonencode(var.log_group_arns)}; give full ARNs of logs, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.log_groups, keys(var.log_group_arns))) == 0
    error_message = "log_group_arns has ${jsonencode(keys(var.log_group_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.log_groups, keys(var.log_group_arns)))}: add them."
  }
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
}

variable "passed_role_arns" {
  description = "Execution roles that a deployment hands to ECS: serving-execution, tracking-execution."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.passed_role_arns) : can(regex("^arn:[a-z-]+:iam:[^*?]+$", arn))])
    error_message = "passed_role_arns is ${jsonencode(var.passed_role_arns)}; give full ARNs of iam, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.passed_roles, concat(keys(var.passed_role_arns), keys(local._matrix.roles)))) == 0
    error_message = "passed_role_arns has ${jsonencode(keys(var.passed_role_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.passed_roles, concat(keys(var.passed_role_arns), keys(local._matrix.roles))))}: add them."
  }
}

variable "pipeline" {
  description = "The forge whose pipelines act here: issuer without https://, the audience of its tokens, the exact subject of each pipeline role, and thumbprints where the issuer has a private certificate."
  type = object({
    issuer      = string
    audience    = string
    subjects    = map(string)
    thumbprints = optional(list(string), [])
  })

  # control: IAM-03
  validation {
    condition     = can(regex("^[a-z0-9.-]+\\.[a-z]+(/[A-Za-z0-9._/-]+)?$", var.pipeline.issuer)) && can(regex("^[A-Za-z0-9:./_-]+$", var.pipeline.audience))
    error_message = "pipeline has issuer \"${var.pipeline.issuer}\" and audience \"${var.pipeline.audience}\"; give a host such as token.actions.githubusercontent.com and one exact audience."
  }

  # control: IAM-03
  validation {
    condition     = toset(keys(var.pipeline.subjects)) == toset([for role, entry in local._matrix.roles : role if entry.is == "pipeline"])
    error_message = "pipeline.subjects is for ${jsonencode(keys(var.pipeline.subjects))}; give one each for ${jsonencode([for role, entry in local._matrix.roles : role if entry.is == "pipeline"])}."
  }

  # control: IAM-03
  validation {
    condition     = length(distinct(values(var.pipeline.subjects))) == length(var.pipeline.subjects) && alltrue([for subject in values(var.pipeline.subjects) : can(regex("^[A-Za-z0-9:/@._-]{10,}$", subject))])
    error_message = "pipeline.subjects is ${jsonencode(var.pipeline.subjects)}; give exact and different subjects, no wildcard."
  }

  # control: NET-06
  validation {
    condition     = alltrue([for subject in values(var.pipeline.subjects) : can(regex("[:/_-]${var.environment}($|[:/_-])", subject))])
    error_message = "pipeline.subjects is ${jsonencode(var.pipeline.subjects)}; each must name ${var.environment}, such as repo:bank/pd:environment:${var.environment}, else a pipeline of another environment gets in."
  }
}

variable "prefix" {
  description = "Project and environment, such as pd-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.prefix))
    error_message = "prefix is \"${var.prefix}\"; give 3 to 32 lower-case letters, digits or hyphens."
  }
}

variable "region" {
  description = "Region of this environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; give one such as eu-central-1."
  }
}

variable "repository_arns" {
  description = "Image repositories: training, serving, tracking."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.repository_arns) : can(regex("^arn:[a-z-]+:ecr:[^*?]+$", arn))])
    error_message = "repository_arns is ${jsonencode(var.repository_arns)}; give full ARNs of ecr, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.repositories, keys(var.repository_arns))) == 0
    error_message = "repository_arns has ${jsonencode(keys(var.repository_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.repositories, keys(var.repository_arns)))}: add them."
  }
}

variable "secret_arns" {
  description = "Secrets by name: tracking."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.secret_arns) : can(regex("^arn:[a-z-]+:secretsmanager:[^*?]+$", arn))])
    error_message = "secret_arns is ${jsonencode(var.secret_arns)}; give full ARNs of secretsmanager, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.secrets, keys(var.secret_arns))) == 0
    error_message = "secret_arns has ${jsonencode(keys(var.secret_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.secrets, keys(var.secret_arns)))}: add them."
  }
}

variable "service_arns" {
  description = "ECS services by name: serving, tracking."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.service_arns) : can(regex("^arn:[a-z-]+:ecs:[^*?]+$", arn))])
    error_message = "service_arns is ${jsonencode(var.service_arns)}; give full ARNs of ecs, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.services, keys(var.service_arns))) == 0
    error_message = "service_arns has ${jsonencode(keys(var.service_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.services, keys(var.service_arns)))}: add them."
  }
}

variable "sign_in_url" {
  description = "Audience of the identity provider's assertions, AWS's sign-in address."
  type        = string
  default     = "https://signin.aws.amazon.com/saml"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]*signin\\.(aws\\.amazon\\.com|amazonaws\\.cn|amazonaws-us-gov\\.com)/saml$", var.sign_in_url))
    error_message = "sign_in_url is \"${var.sign_in_url}\"; give the SAML address of the AWS sign-in."
  }
}

variable "source_repository_arns" {
  description = "Repositories of the environment below, by workload, that the deployer copies approved images from; empty in development."
  type        = map(string)
  default     = {}

  # control: NET-06
  validation {
    condition = alltrue([for arn in values(var.source_repository_arns) :
      can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+$", arn)) && !strcontains(arn, ":${var.account_id}:")
    ])
    error_message = "source_repository_arns is ${jsonencode(var.source_repository_arns)}; give repositories of the account below by full ARN, without a wildcard."
  }

  # control: NET-06
  validation {
    condition     = var.environment != "development" || length(var.source_repository_arns) == 0
    error_message = "source_repository_arns is ${jsonencode(var.source_repository_arns)}; nothing stands below development: leave it out."
  }
}

variable "vault_arns" {
  description = "Backup vaults by name: main."
  type        = map(string)

  # control: IAM-01
  validation {
    condition     = alltrue([for arn in values(var.vault_arns) : can(regex("^arn:[a-z-]+:backup:[^*?]+$", arn))])
    error_message = "vault_arns is ${jsonencode(var.vault_arns)}; give full ARNs of backup, none with a wildcard."
  }

  validation {
    condition     = length(setsubtract(local._used.vaults, keys(var.vault_arns))) == 0
    error_message = "vault_arns has ${jsonencode(keys(var.vault_arns))}; access.yml also names ${jsonencode(setsubtract(local._used.vaults, keys(var.vault_arns)))}: add them."
  }
}
