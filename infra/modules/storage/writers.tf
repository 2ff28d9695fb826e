# AWS's own services that write into the buckets, each for sources of this account only.
locals {
  # AWS writes below this path, behind whatever prefix the source was given.
  _delivered = ["AWSLogs/${var.account_id}/", "*/AWSLogs/${var.account_id}/"]

  _trail_writers = {
    cloudtrail = {
      service = "cloudtrail.amazonaws.com"
      folders = local._delivered
      sources = ["arn:${var.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${var.prefix}-*"]
    }
    config = {
      service = "config.amazonaws.com"
      folders = local._delivered
      sources = ["arn:${var.partition}:config:${var.region}:${var.account_id}:*"]
    }
  }

  _log_writers = {
    buckets = {
      service = "logging.s3.amazonaws.com"
      folders = ["${var.prefix}-"]
      sources = [for class in local._classes : "arn:${var.partition}:s3:::${local._names[class]}"]
    }
    application-balancers = {
      service = "logdelivery.elasticloadbalancing.amazonaws.com"
      folders = local._delivered
      sources = ["arn:${var.partition}:elasticloadbalancing:${var.region}:${var.account_id}:loadbalancer/*"]
    }
    network-balancers = {
      service = "delivery.logs.amazonaws.com"
      folders = local._delivered
      sources = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:*"]
    }
  }
}
