# The private cloud of one environment. Read in this order: network.tf (who may talk to whom), people.tf (who may
# do what, and who may use which key), data.tf (what is kept, and for how long), run.tf (what runs), watch.tf (who
# sees it). Every environment is an account of its own with its own state, keys and images.
locals {
  partition  = "aws"
  account_id = var.accounts[var.environment]
  prefix     = "${var.prefix}-${local._short[var.environment]}"

  # development, validation and production get the first three quarters of the range.
  # control: NET-06
  cidr  = cidrsubnet(var.vpc_range, 2, index(local._order, var.environment))
  zones = coalesce(var.zones, [for letter in ["a", "b", "c"] : "${var.region}${letter}"])

  _order = ["development", "validation", "production"]
  _short = { development = "dev", validation = "val", production = "prod" }

  # Nothing of a lower environment is trusted by a higher one: the one above comes and copies by digest.
  # control: NET-06
  _position = index(local._order, var.environment)
  _above    = slice(concat(local._order, [""]), local._position + 1, local._position + 2)[0]
  _below    = local._position == 0 ? "" : local._order[local._position - 1]

  deployer_above = local._above == "" ? [] : [
    "arn:${local.partition}:iam::${var.accounts[local._above]}:role/${var.prefix}-${local._short[local._above]}-deployer",
  ]
  repositories_below = local._below == "" ? {} : {
    for workload in local.workloads : workload =>
    "arn:${local.partition}:ecr:${var.region}:${var.accounts[local._below]}:repository/${var.prefix}-${local._short[local._below]}-${workload}"
  }

  # Images come from this account's own registry only; var.images gives their digests.
  # control: TRN-03
  workloads = ["serving", "tracking", "training"]
  images = {
    for workload in local.workloads : workload =>
    "${local.account_id}.dkr.ecr.${var.region}.amazonaws.com/${local.prefix}-${workload}@${var.images[workload]}"
  }

  # Who applies this composition: it lends keys to RDS, ECR and AWS Backup for what they create.
  installer = "arn:${local.partition}:iam::${local.account_id}:role/${var.installer_role}"
}
