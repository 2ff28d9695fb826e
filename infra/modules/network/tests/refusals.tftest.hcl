# What the network refuses to be built with.
mock_provider "aws" {}

variables {
  prefix                   = "pd-prod"
  environment              = "production"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  organisation_id          = "o-a1b2c3d4e5"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  cidr                     = "10.20.0.0/20"
  zones                    = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  buckets                  = ["arn:aws:s3:::pd-prod-trusted-123456789012"]
  keys                     = ["arn:aws:kms:eu-central-1:123456789012:key/1"]
  services                 = ["kms"]
  s3_cidrs                 = ["3.5.136.0/22"]
  log_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/2"
  log_retention_days       = 365
  flows                    = [{ from = "training", to = "endpoints", port = 443, why = "asks AWS services" }]
}

run "free_range_correct" {
  command = plan
  variables {
    reserved_ranges = ["10.20.16.0/20", "192.168.0.0/16"]
  }
  assert {
    condition     = aws_vpc.this.cidr_block == "10.20.0.0/20"
    error_message = "A range beside the reserved ones is taken."
  }
}

run "overlap_with_wider_incorrect" {
  command = plan
  variables {
    reserved_ranges = ["10.0.0.0/8"]
  }
  expect_failures = [var.reserved_ranges]
}

run "overlap_with_narrower_incorrect" {
  command = plan
  variables {
    reserved_ranges = ["10.20.15.0/24"]
  }
  expect_failures = [var.reserved_ranges]
}

run "public_range_incorrect" {
  command = plan
  variables {
    cidr = "172.32.0.0/20"
  }
  expect_failures = [var.cidr]
}

run "small_range_incorrect" {
  command = plan
  variables {
    cidr = "10.20.0.0/25"
  }
  expect_failures = [var.cidr]
}

run "wide_range_incorrect" {
  command = plan
  variables {
    cidr = "10.0.0.0/8"
  }
  expect_failures = [var.cidr]
}

run "unaligned_range_incorrect" {
  command = plan
  variables {
    cidr = "10.20.1.0/20"
  }
  expect_failures = [var.cidr]
}

run "two_zones_incorrect" {
  command = plan
  variables {
    zones = ["eu-central-1a", "eu-central-1b", "eu-central-1b"]
  }
  expect_failures = [var.zones]
}

run "zone_of_another_region_incorrect" {
  command = plan
  variables {
    zones = ["eu-central-1a", "eu-central-1b", "eu-west-1c"]
  }
  expect_failures = [var.zones]
}

run "organisation_wildcard_incorrect" {
  command = plan
  variables {
    organisation_id = "o-*"
  }
  expect_failures = [var.organisation_id]
}

run "open_flow_incorrect" {
  command = plan
  variables {
    flows = [{ from = "training", to = "0.0.0.0/0", port = 443, why = "reaches the world" }]
  }
  expect_failures = [var.flows]
}

run "flow_to_bank_incorrect" {
  command = plan
  variables {
    flows = [{ from = "training", to = "bank", port = 443, why = "pushes to the bank" }]
  }
  expect_failures = [var.flows]
}

run "shell_flow_incorrect" {
  command = plan
  variables {
    flows = [{ from = "training", to = "serving", port = 22, why = "logs in" }]
  }
  expect_failures = [var.flows]
}

run "s3_on_plain_port_incorrect" {
  command = plan
  variables {
    flows = [{ from = "training", to = "s3", port = 80, why = "reads in plain" }]
  }
  expect_failures = [var.flows]
}

run "flow_twice_incorrect" {
  command = plan
  variables {
    flows = [
      { from = "training", to = "endpoints", port = 443, why = "asks AWS services" },
      { from = "training", to = "endpoints", port = 443, why = "asks once more" },
    ]
  }
  expect_failures = [var.flows]
}

run "client_range_as_list_incorrect" {
  command = plan
  variables {
    client_prefix_list_ids = ["10.0.0.0/8"]
    client_cidrs           = ["10.0.0.0/8"]
  }
  expect_failures = [var.client_prefix_list_ids]
}

run "clients_without_ranges_incorrect" {
  command = plan
  variables {
    client_prefix_list_ids = ["pl-0123456789abcdef0"]
  }
  expect_failures = [var.client_cidrs]
}

run "public_clients_incorrect" {
  command = plan
  variables {
    client_prefix_list_ids = ["pl-0123456789abcdef0"]
    client_cidrs           = ["0.0.0.0/0"]
  }
  expect_failures = [var.client_cidrs]
}

run "service_without_policy_incorrect" {
  command = plan
  variables {
    services = ["kms", "ssm"]
  }
  expect_failures = [var.services]
}

run "wildcard_bucket_incorrect" {
  command = plan
  variables {
    buckets = ["arn:aws:s3:::*"]
  }
  expect_failures = [var.buckets]
}

run "wildcard_key_incorrect" {
  command = plan
  variables {
    keys = ["*"]
  }
  expect_failures = [var.keys]
}

run "world_as_s3_incorrect" {
  command = plan
  variables {
    s3_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.s3_cidrs]
}

run "short_retention_incorrect" {
  command = plan
  variables {
    log_retention_days = 180
  }
  expect_failures = [var.log_retention_days]
}

run "too_many_acl_rules_incorrect" {
  command = plan
  variables {
    s3_cidrs = [for i in range(20) : "3.5.${i}.0/24"]
  }
  expect_failures = [aws_network_acl.this]
}
