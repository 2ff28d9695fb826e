# One role uses the state, nobody loses it.
mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/mock" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/pd-prod-state" }
  }
}

variables {
  prefix                   = "pd-prod"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  organisation_id          = "o-a1b2c3d4e5"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  administrators           = ["arn:aws:iam::123456789012:role/key-administrator"]
  users                    = ["arn:aws:iam::123456789012:role/pd-prod-ci"]
}

run "role_correct" {
  command = plan
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition == { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/pd-prod-ci"] } }
    error_message = "Exactly the named roles take the state's role."
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.this.max_session_duration == 3600
    error_message = "The role stands under the boundary, for an hour at a time."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.objects.policy).Statement : s.Resource if contains(s.Action, "s3:DeleteObject")] == [[for object in ["terraform", "bootstrap"] : "arn:aws:s3:::pd-prod-state-123456789012/pd-prod/${object}.tfstate.tflock"]]
    error_message = "The role deletes the locks, never a state."
  }
  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.objects.policy).Statement : concat([for a in s.Action : !strcontains(a, "*")], [for r in s.Resource : !strcontains(r, "*")])]))
    error_message = "No wildcard in action or resource."
  }
}

# An apply against the mock: the bucket's policy holds the key's ARN, which a plan does not know.
run "bucket_correct" {
  command = apply
  assert {
    condition     = toset([for s in jsondecode(output.policy).Statement : s.Sid]) == toset(["RefusePlaintext", "RefuseOldTls", "RefuseOtherOrganisations", "RefuseUploadWithoutEncryption", "RefuseOtherEncryption", "RefuseOtherKeys", "RefuseDeletion", "RefuseDeletionOfVersions", "RefuseOtherRoles"])
    error_message = "The bucket refuses plaintext, strangers, other keys, other roles and deletion."
  }
  assert {
    condition     = one([for s in jsondecode(output.policy).Statement : s.NotResource if s.Sid == "RefuseDeletion"]) == ["arn:aws:s3:::pd-prod-state-123456789012/*.tflock"]
    error_message = "Only a lock file can be deleted."
  }
  assert {
    condition     = one([for s in jsondecode(output.policy).Statement : s.Condition if s.Sid == "RefuseOtherRoles"]) == { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/pd-prod-state"] } }
    error_message = "Only the state's role reads or writes objects."
  }
  assert {
    condition     = output.backend.use_lockfile && output.backend.encrypt && output.backend.kms_key_id == output.key_arn && output.backend.bucket == "pd-prod-state-123456789012"
    error_message = "The backend locks by file and encrypts with the state's key."
  }
  assert {
    condition     = output.backend.assume_role.role_arn == "arn:aws:iam::123456789012:role/pd-prod-state" && jsondecode(aws_iam_role_policy.key.policy).Statement[0].Resource == [output.key_arn]
    error_message = "The backend takes the state's role, which uses the state's key."
  }
}

run "bootstrap_without_boundary_correct" {
  command = plan
  variables {
    permissions_boundary_arn = null
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == null
    error_message = "A bootstrap has no boundary to stand under."
  }
}

run "user_of_another_environment_incorrect" {
  command = plan
  variables {
    users = ["arn:aws:iam::210987654321:role/pd-dev-ci"]
  }
  expect_failures = [var.users]
}

run "wildcard_user_incorrect" {
  command = plan
  variables {
    users = ["arn:aws:iam::123456789012:role/*"]
  }
  expect_failures = [var.users]
}

run "administrator_as_user_incorrect" {
  command = plan
  variables {
    administrators = ["arn:aws:iam::123456789012:role/pd-prod-ci"]
  }
  expect_failures = [var.administrators]
}

run "short_memory_incorrect" {
  command = plan
  variables {
    version_days = 30
  }
  expect_failures = [var.version_days]
}
