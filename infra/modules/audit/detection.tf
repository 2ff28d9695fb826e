# GuardDuty watches calls, network, objects and containers; its findings are told every quarter of an hour.
# control: MON-05
resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
  # checkov:skip=CKV2_AWS_3:The organisation's settings of GuardDuty belong to the bank's delegated administrator account, and no project account may change them; the detector of this account is on with its features. Until 2027-11-25.
}

# control: MON-05
resource "aws_guardduty_detector_feature" "this" {
  for_each = toset(["EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"])

  detector_id = aws_guardduty_detector.this.id
  name        = each.key
  status      = "ENABLED"
}

# Fargate gets its agent from GuardDuty; nothing is installed into an image of ours.
# control: MON-05
resource "aws_guardduty_detector_feature" "runtime" {
  detector_id = aws_guardduty_detector.this.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  # In the order in which AWS answers.
  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "DISABLED"
  }

  additional_configuration {
    name   = "ECS_FARGATE_AGENT_MANAGEMENT"
    status = "ENABLED"
  }

  additional_configuration {
    name   = "EC2_AGENT_MANAGEMENT"
    status = "DISABLED"
  }
}
