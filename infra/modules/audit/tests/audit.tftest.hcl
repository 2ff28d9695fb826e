# The trail sees everything and nobody stops it unheard; detectors, rules and alarms stand.
mock_provider "aws" {
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/trail" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/pd-prod-trail-delivery" }
  }
  mock_resource "aws_iam_service_linked_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:pd-prod-alarms" }
  }
  mock_resource "aws_cloudtrail" {
    defaults = { arn = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/pd-prod-trail" }
  }
}

variables {
  prefix                   = "pd-prod"
  environment              = "production"
  account_id               = "123456789012"
  region                   = "eu-central-1"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  bucket_name              = "pd-prod-audit-123456789012"
  break_glass_role_arn     = "arn:aws:iam::123456789012:role/pd-prod-break-glass"
  log_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  topic_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  trail_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000003"
  listeners                = { soc = { protocol = "https", endpoint = "https://soc.bank.example/alarms" } }
  watched_bucket_arns = {
    raw       = "arn:aws:s3:::pd-prod-raw-123456789012"
    trusted   = "arn:aws:s3:::pd-prod-trusted-123456789012"
    protected = "arn:aws:s3:::pd-prod-protected-123456789012"
    artefacts = "arn:aws:s3:::pd-prod-artefacts-123456789012"
  }
}

run "trail_correct" {
  assert {
    condition     = aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.include_global_service_events && aws_cloudtrail.this.enable_logging
    error_message = "The trail sees every region and is on."
  }
  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.kms_key_id == var.trail_key_arn && aws_cloudtrail.this.s3_bucket_name == var.bucket_name
    error_message = "The trail is validated, encrypted and lies in the locked bucket."
  }
  assert {
    condition     = aws_cloudtrail.this.cloud_watch_logs_group_arn == "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/trail:*"
    error_message = "The trail is delivered to CloudWatch, where alarms read it."
  }
  assert {
    condition = toset(flatten([for e in aws_cloudtrail.this.advanced_event_selector : [
      for f in e.field_selector : f.starts_with if f.field == "resources.ARN"
    ]])) == toset([for arn in values(var.watched_bucket_arns) : "${arn}/"])
    error_message = "Every read and write of data and models is recorded."
  }
  assert {
    condition = contains([
      for e in aws_cloudtrail.this.advanced_event_selector : [for f in e.field_selector : "${f.field} ${try(join(",", f.equals), "")}"]
    ], ["eventCategory Management"])
    error_message = "Management events are recorded, reads as well as writes."
  }
  assert {
    condition     = toset([for i in aws_cloudtrail.this.insight_selector : i.insight_type]) == toset(["ApiCallRateInsight", "ApiErrorRateInsight"])
    error_message = "Unusual rates of calls and errors are found."
  }
}

run "delivery_correct" {
  command = plan
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The log group is encrypted and keeps a year."
  }
  assert {
    condition = jsondecode(aws_iam_role.delivery.assume_role_policy).Statement == [{
      Effect    = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012", "aws:SourceArn" = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/pd-prod-trail" } }
    }] && aws_iam_role.delivery.permissions_boundary == var.permissions_boundary_arn
    error_message = "CloudTrail alone takes the role, for this trail, under the boundary."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.delivery.policy).Statement : s.Action] == [["logs:CreateLogStream", "logs:PutLogEvents"]]
    error_message = "The role writes its log group and nothing else."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.delivery.policy).Statement[0].Resource == ["arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/trail:log-stream:123456789012_CloudTrail_*"]
    error_message = "The role writes the trail's streams only."
  }
}

run "alarms_correct" {
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == keys(aws_cloudwatch_log_metric_filter.this) && length(aws_cloudwatch_metric_alarm.this) == 18
    error_message = "Each filter has its alarm."
  }
  assert {
    condition = alltrue([for name, a in aws_cloudwatch_metric_alarm.this :
      a.alarm_actions == toset([local._topic]) && a.namespace == one(aws_cloudwatch_log_metric_filter.this[name].metric_transformation).namespace && a.metric_name == one(aws_cloudwatch_log_metric_filter.this[name].metric_transformation).name
    ])
    error_message = "Each alarm watches its filter's metric and tells the topic."
  }
  assert {
    condition     = alltrue([for f in aws_cloudwatch_log_metric_filter.this : length(f.pattern) <= 1024 && startswith(f.pattern, "{ ") && endswith(f.pattern, " }")])
    error_message = "CloudWatch takes patterns of at most 1024 characters."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_log_metric_filter.this["break-glass-use"].pattern, "\"arn:aws:iam::123456789012:role/pd-prod-break-glass\"")
    error_message = "Each use of the emergency role raises an alarm."
  }
  assert {
    condition     = alltrue([for name in ["break-glass-use", "detection-changes", "key-withdrawal", "root-use", "trail-changes"] : aws_cloudwatch_metric_alarm.this[name].threshold == 1])
    error_message = "One event is enough where none may happen."
  }
}

run "topic_correct" {
  command = plan
  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.topic_key_arn && aws_sns_topic.trail.kms_master_key_id == var.topic_key_arn
    error_message = "The topics are encrypted with the project's key."
  }
  assert {
    condition = [for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : [s.Principal.Service, s.Action] if s.Effect == "Allow"] == [
      ["cloudwatch.amazonaws.com", ["sns:Publish"]], ["events.amazonaws.com", ["sns:Publish"]],
    ]
    error_message = "Only AWS's alarm services publish."
  }
  assert {
    condition     = one([for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] if s.Sid == "LetAlarmsTell"]) == "123456789012"
    error_message = "Alarms of this account only."
  }
  assert {
    condition     = [for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : s.Condition if s.Effect == "Deny"] == [{ Bool = { "aws:SecureTransport" = "false" } }]
    error_message = "Plaintext is refused."
  }
  assert {
    condition     = aws_sns_topic_subscription.this["soc"].endpoint == "https://soc.bank.example/alarms"
    error_message = "Somebody hears the alarms."
  }
}

run "detection_correct" {
  assert {
    condition     = aws_guardduty_detector.this.enable && aws_guardduty_detector.this.finding_publishing_frequency == "FIFTEEN_MINUTES"
    error_message = "GuardDuty is on."
  }
  assert {
    condition     = alltrue([for name in ["EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"] : aws_guardduty_detector_feature.this[name].status == "ENABLED"])
    error_message = "Objects, databases and volumes are watched."
  }
  assert {
    condition = aws_guardduty_detector_feature.runtime.status == "ENABLED" && contains([
      for c in aws_guardduty_detector_feature.runtime.additional_configuration : "${c.name} ${c.status}"
    ], "ECS_FARGATE_AGENT_MANAGEMENT ENABLED")
    error_message = "Containers are watched."
  }
  assert {
    condition     = alltrue([for t in aws_cloudwatch_event_target.this : t.arn == local._topic]) && keys(aws_cloudwatch_event_target.this) == ["backup-failure", "image-vulnerability", "noncompliance", "threat"]
    error_message = "Findings, broken rules and failed backups reach the topic."
  }
}

run "recorder_correct" {
  assert {
    condition     = one(aws_config_configuration_recorder.this.recording_group).all_supported && one(aws_config_configuration_recorder.this.recording_group).include_global_resource_types
    error_message = "Every resource is recorded."
  }
  assert {
    condition     = aws_config_configuration_recorder_status.this.is_enabled && aws_config_delivery_channel.this.s3_bucket_name == var.bucket_name && aws_config_delivery_channel.this.s3_kms_key_arn == var.trail_key_arn
    error_message = "The recorder is on and delivers, encrypted, to the locked bucket."
  }
  assert {
    condition = length(setsubtract([
      "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", "CMK_BACKING_KEY_ROTATION_ENABLED", "MULTI_REGION_CLOUD_TRAIL_ENABLED", "S3_BUCKET_SSL_REQUESTS_ONLY",
      "VPC_DEFAULT_SECURITY_GROUP_CLOSED", "VPC_FLOW_LOGS_ENABLED",
    ], [for r in aws_config_config_rule.this : one(r.source).source_identifier])) == 0
    error_message = "Drift of trail, keys, buckets and network is found."
  }
  assert {
    condition     = alltrue([for r in aws_config_config_rule.this : one(r.source).owner == "AWS"])
    error_message = "AWS itself judges."
  }
}
