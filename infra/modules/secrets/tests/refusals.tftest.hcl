# Input that would make the store weaker is refused, each by its own variable.
mock_provider "aws" {}

variables {
  prefix                     = "pd-prod"
  environment                = "production"
  account_id                 = "123456789012"
  region                     = "eu-central-1"
  permissions_boundary_arn   = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  vpc_id                     = "vpc-0123"
  subnet_ids                 = ["subnet-a", "subnet-b", "subnet-c"]
  zones                      = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  balancer_security_group_id = "sg-balancer"
  node_security_group_id     = "sg-node"
  host                       = "secrets.pd.bank.example"
  image_id                   = "ami-0123456789abcdef0"
  seal_plugin                = { sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  seal_key_arn               = "arn:aws:kms:eu-central-1:123456789012:key/seal"
  volume_key_arn             = "arn:aws:kms:eu-central-1:123456789012:key/volumes"
  material_key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/secrets"
  snapshot_key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/backup"
  log_key_arn                = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  snapshot_bucket            = "pd-prod-backup-123456789012"
  materials = {
    "ca.pem"      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ca-a"
    "tls.pem"     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a"
    "tls-key.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a"
  }
}

run "two_zones_incorrect" {
  command = plan
  variables {
    zones = ["eu-central-1a", "eu-central-1a", "eu-central-1b"]
  }
  expect_failures = [var.zones]
}

run "other_region_zone_incorrect" {
  command = plan
  variables {
    zones = ["eu-west-1a", "eu-central-1b", "eu-central-1c"]
  }
  expect_failures = [var.zones]
}

run "two_subnets_incorrect" {
  command = plan
  variables {
    subnet_ids = ["subnet-a", "subnet-b"]
  }
  expect_failures = [var.subnet_ids]
}

run "shared_seal_key_incorrect" {
  command = plan
  variables {
    seal_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/volumes"
  }
  expect_failures = [var.seal_key_arn]
}

run "seal_alias_incorrect" {
  command = plan
  variables {
    seal_key_arn = "arn:aws:kms:eu-central-1:123456789012:alias/seal"
  }
  expect_failures = [var.seal_key_arn]
}

run "unpinned_plugin_incorrect" {
  command = plan
  variables {
    seal_plugin = { sha256 = "latest" }
  }
  expect_failures = [var.seal_plugin]
}

run "plugin_path_incorrect" {
  command = plan
  variables {
    seal_plugin = { command = "../../tmp/plugin", sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }
  expect_failures = [var.seal_plugin]
}

run "no_private_key_incorrect" {
  command = plan
  variables {
    materials = { "ca.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ca-a", "tls.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a" }
  }
  expect_failures = [var.materials]
}

run "wildcard_material_incorrect" {
  command = plan
  variables {
    materials = { "ca.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ca-a", "tls.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a", "tls-key.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*" }
  }
  expect_failures = [var.materials]
}

run "bursting_type_incorrect" {
  command = plan
  variables {
    instance_type = "t3.medium"
  }
  expect_failures = [var.instance_type]
}

run "image_name_incorrect" {
  command = plan
  variables {
    image_id = "latest-hardened"
  }
  expect_failures = [var.image_id]
}

run "address_as_host_incorrect" {
  command = plan
  variables {
    host = "10.20.0.10"
  }
  expect_failures = [var.host]
}

run "short_retention_incorrect" {
  command = plan
  variables {
    log_retention_days = 90
  }
  expect_failures = [var.log_retention_days]
}

run "unknown_node_incorrect" {
  command = plan
  variables {
    replaceable_node = "d"
  }
  expect_failures = [var.replaceable_node]
}

run "bucket_arn_incorrect" {
  command = plan
  variables {
    snapshot_bucket = "arn:aws:s3:::pd-prod-backup-123456789012"
  }
  expect_failures = [var.snapshot_bucket]
}

run "small_volume_incorrect" {
  command = plan
  variables {
    volume_size = 8
  }
  expect_failures = [var.volume_size]
}

run "open_boundary_incorrect" {
  command = plan
  variables {
    permissions_boundary_arn = "none"
  }
  expect_failures = [var.permissions_boundary_arn]
}
