# Reads the access matrix and turns each cell into the ARNs of this environment.
locals {
  # control: IAM-01
  _matrix = yamldecode(file("${path.module}/access.yml"))

  # Cells that hold in this environment: the role's own, and what development alone, or all but development, adds.
  _cells = {
    for role, entry in local._matrix.roles : role => merge(
      entry.may,
      var.environment == "development" ? lookup(entry, "in_development", {}) : {},
      var.environment != "development" ? lookup(entry, "above_development", {}) : {},
    )
  }

  # Class -> name -> ARNs. `everything` is for actions to which AWS offers no resource.
  _arns = {
    buckets             = { for name, arn in var.bucket_arns : name => [arn] }
    event_buses         = { for name, arn in var.event_bus_arns : name => [arn] }
    keys                = merge({ for name, arn in var.key_arns : name => [arn] }, { datasets = values(var.dataset_key_arns) })
    log_groups          = { for name, arn in var.log_group_arns : name => [arn, "${arn}:log-stream:*"] }
    passed_roles        = merge({ for name, arn in local.role_arns : name => [arn] }, { for name, arn in var.passed_role_arns : name => [arn] })
    repositories        = { for name, arn in var.repository_arns : name => [arn] }
    source_repositories = { below = values(var.source_repository_arns) }
    secrets             = { for name, arn in var.secret_arns : name => [arn] }
    services            = { for name, arn in var.service_arns : name => [arn] }
    vaults              = { for name, arn in var.vault_arns : name => [arn] }
  }

  # An object is named by its bucket, or by bucket and folder: artefacts/evidence.
  # control: IAM-01
  _resources = {
    for role, cells in local._cells : role => {
      for set, names in cells : set => (
        local._matrix.sets[set].class == "everything" ? ["*"]
        : local._matrix.sets[set].class == "objects" ? [for name in names : join("/", concat([var.bucket_arns[split("/", name)[0]]], slice(split("/", name), 1, length(split("/", name))), ["*"]))]
        : flatten([for name in names : local._arns[local._matrix.sets[set].class][name]])
      )
    }
  }

  # Names of a class that the matrix uses: the variables are checked against them.
  _used = {
    for class in distinct([for set in local._matrix.sets : set.class]) : class => distinct(flatten([
      for role, cells in local._cells : [
        for set, names in cells : [for name in names : split("/", name)[0]] if local._matrix.sets[set].class == class
      ]
    ]))
  }
}
