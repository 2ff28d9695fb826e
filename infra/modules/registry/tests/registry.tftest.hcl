# Tags stand, images are scanned and encrypted, and each role pulls or pushes what it must.
mock_provider "aws" {}

variables {
  prefix          = "pd-prod"
  environment     = "production"
  account_id      = "123456789012"
  organisation_id = "o-abcdefghij"
  key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  repositories = {
    training = { pullers = ["arn:aws:iam::123456789012:role/pd-prod-training-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] }
    serving  = { pullers = ["arn:aws:iam::123456789012:role/pd-prod-serving-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] }
    tracking = { pullers = ["arn:aws:iam::123456789012:role/pd-prod-tracking-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] }
  }
}

run "repositories_correct" {
  command = plan
  assert {
    condition     = toset([for r in aws_ecr_repository.this : r.name]) == toset(["pd-prod-training", "pd-prod-serving", "pd-prod-tracking"])
    error_message = "One repository a workload."
  }
  assert {
    condition     = alltrue([for r in aws_ecr_repository.this : r.image_tag_mutability == "IMMUTABLE" && !r.force_delete])
    error_message = "Tags stand, and a full repository is not destroyed."
  }
  assert {
    condition     = alltrue([for r in aws_ecr_repository.this : one(r.image_scanning_configuration).scan_on_push])
    error_message = "Images are scanned when they arrive."
  }
  assert {
    condition     = alltrue([for r in aws_ecr_repository.this : one(r.encryption_configuration).encryption_type == "KMS" && one(r.encryption_configuration).kms_key == var.key_arn])
    error_message = "Images are encrypted with the project's key."
  }
  assert {
    condition     = aws_ecr_registry_scanning_configuration.this.scan_type == "ENHANCED" && one(aws_ecr_registry_scanning_configuration.this.rule).scan_frequency == "CONTINUOUS_SCAN"
    error_message = "Images are scanned again when vulnerabilities become known."
  }
}

run "policy_correct" {
  command = plan
  assert {
    condition = one([for s in jsondecode(aws_ecr_repository_policy.this["serving"].policy).Statement : s.Principal.AWS if s.Sid == "Pull"]) == [
      "arn:aws:iam::123456789012:role/pd-prod-deployer", "arn:aws:iam::123456789012:role/pd-prod-serving-execution",
    ]
    error_message = "Who starts serving pulls serving, and the deployer."
  }
  assert {
    condition = alltrue([for p in aws_ecr_repository_policy.this : one([
      for s in jsondecode(p.policy).Statement : s.Principal.AWS == ["arn:aws:iam::123456789012:role/pd-prod-deployer"] if s.Sid == "Push"
    ])])
    error_message = "In production the deployer alone pushes."
  }
  assert {
    condition = alltrue([for p in aws_ecr_repository_policy.this : one([
      for s in jsondecode(p.policy).Statement : s.Effect == "Deny" && contains(s.Action, "ecr:PutImage") && s.Condition.ArnNotEquals["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/pd-prod-deployer"] if s.Sid == "OnlyPushersPush"
    ])])
    error_message = "No identity policy adds another pusher."
  }
  assert {
    condition = one([for s in jsondecode(aws_ecr_repository_policy.this["serving"].policy).Statement : s.Condition.ArnNotLike["aws:PrincipalArn"] if s.Sid == "OnlyNamedPull"]) == [
      "arn:aws:iam::123456789012:role/pd-prod-deployer", "arn:aws:iam::123456789012:role/pd-prod-serving-execution",
      "arn:aws:iam::123456789012:role/aws-service-role/inspector2.amazonaws.com/*",
    ]
    error_message = "No identity policy adds another puller; the scanner reads."
  }
  assert {
    condition = alltrue([for p in aws_ecr_repository_policy.this : one([
      for s in jsondecode(p.policy).Statement : s.Effect == "Deny" && s.Condition.StringNotEqualsIfExists["aws:PrincipalOrgID"] == "o-abcdefghij" if s.Sid == "OrganisationOnly"
    ])])
    error_message = "Nobody outside the organisation reaches an image."
  }
  assert {
    condition = alltrue([for p in aws_ecr_repository_policy.this : one([
      for s in jsondecode(p.policy).Statement : s.Effect == "Deny" && contains(s.Action, "ecr:BatchDeleteImage") && contains(s.Action, "ecr:PutImageTagMutability") && !can(s.Condition) if s.Sid == "NobodyDeletes"
    ])])
    error_message = "Nobody deletes an image or lets tags move."
  }
  assert {
    condition     = alltrue(flatten([for p in aws_ecr_repository_policy.this : [for s in jsondecode(p.policy).Statement : [for a in s.Action : !strcontains(a, "*")]]]))
    error_message = "No action may hold a wildcard."
  }
  assert {
    condition     = alltrue([for p in aws_ecr_lifecycle_policy.this : [for r in jsondecode(p.policy).rules : r.selection.tagStatus] == ["tagged"]])
    error_message = "Above development no image goes for want of a tag."
  }
}

run "validation_is_read_from_above_correct" {
  command = plan
  variables {
    prefix      = "pd-val"
    environment = "validation"
    repositories = {
      serving = {
        pullers = ["arn:aws:iam::123456789012:role/pd-val-serving-execution"]
        pushers = ["arn:aws:iam::123456789012:role/pd-val-deployer"]
        copiers = ["arn:aws:iam::210987654321:role/pd-prod-deployer"]
      }
    }
  }
  assert {
    condition = [for s in jsondecode(aws_ecr_repository_policy.this["serving"].policy).Statement : s.Action if s.Effect == "Allow" && contains(flatten([s.Principal.AWS]), "arn:aws:iam::210987654321:role/pd-prod-deployer")] == [
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    ]
    error_message = "The environment above reads and puts nothing."
  }
}

run "development_correct" {
  command = plan
  variables {
    prefix      = "pd-dev"
    environment = "development"
    repositories = {
      serving = { pullers = ["arn:aws:iam::123456789012:role/pd-dev-serving-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-dev-ci"] }
    }
  }
  assert {
    condition     = [for r in jsondecode(aws_ecr_lifecycle_policy.this["serving"].policy).rules : r.selection.tagStatus] == ["tagged", "untagged"]
    error_message = "Development clears its litter."
  }
}

run "pusher_of_other_account_incorrect" {
  command = plan
  variables {
    repositories = { serving = { pullers = ["arn:aws:iam::123456789012:role/pd-prod-serving-execution"], pushers = ["arn:aws:iam::210987654321:role/pd-dev-deployer"] } }
  }
  expect_failures = [var.repositories]
}

run "puller_wildcard_incorrect" {
  command = plan
  variables {
    repositories = { serving = { pullers = ["arn:aws:iam::123456789012:role/*"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] } }
  }
  expect_failures = [var.repositories]
}

run "root_pulls_incorrect" {
  command = plan
  variables {
    repositories = { serving = { pullers = ["arn:aws:iam::123456789012:root"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] } }
  }
  expect_failures = [var.repositories]
}

run "pipeline_pushes_to_production_incorrect" {
  command = plan
  variables {
    repositories = { serving = { pullers = ["arn:aws:iam::123456789012:role/pd-prod-serving-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-ci"] } }
  }
  expect_failures = [var.repositories]
}

run "production_is_copied_incorrect" {
  command = plan
  variables {
    repositories = { serving = { pullers = ["arn:aws:iam::123456789012:role/pd-prod-serving-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"], copiers = ["arn:aws:iam::210987654321:role/pd-val-deployer"] } }
  }
  expect_failures = [var.repositories]
}

run "nobody_pulls_incorrect" {
  command = plan
  variables {
    repositories = { serving = { pullers = [], pushers = ["arn:aws:iam::123456789012:role/pd-prod-deployer"] } }
  }
  expect_failures = [var.repositories]
}

run "key_alias_incorrect" {
  command = plan
  variables {
    key_arn = "arn:aws:kms:eu-central-1:123456789012:alias/registry"
  }
  expect_failures = [var.key_arn]
}

run "organisation_incorrect" {
  command = plan
  variables {
    organisation_id = "bank"
  }
  expect_failures = [var.organisation_id]
}

run "rollback_impossible_incorrect" {
  command = plan
  variables {
    kept_images = 1
  }
  expect_failures = [var.kept_images]
}

run "trainer_copies_incorrect" {
  command = plan
  variables {
    prefix       = "pd-val"
    environment  = "validation"
    repositories = { serving = { pullers = ["arn:aws:iam::123456789012:role/pd-val-serving-execution"], pushers = ["arn:aws:iam::123456789012:role/pd-val-deployer"], copiers = ["arn:aws:iam::210987654321:role/pd-prod-trainer"] } }
  }
  expect_failures = [var.repositories]
}
