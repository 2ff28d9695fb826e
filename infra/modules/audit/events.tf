# Events that are told at once, without waiting for a metric: findings, broken rules, failed backups.
locals {
  _events = {
    # control: MON-05
    threat = {
      description = "GuardDuty found something of medium severity or higher."
      pattern     = { source = ["aws.guardduty"], detail-type = ["GuardDuty Finding"], detail = { severity = [{ numeric = [">=", 4] }] } }
    }
    # control: MON-06
    noncompliance = {
      description = "A resource broke a rule of Config."
      pattern     = { source = ["aws.config"], detail-type = ["Config Rules Compliance Change"], detail = { newEvaluationResult = { complianceType = ["NON_COMPLIANT"] } } }
    }
    # control: IR-04
    # Backup and copy jobs say state, restore jobs say status.
    backup-failure = {
      description = "A backup, a copy or a restore test failed."
      pattern = {
        source      = ["aws.backup"]
        detail-type = ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"]
        detail = { "$or" = [
          { state = ["ABORTED", "EXPIRED", "FAILED"] },
          { status = ["ABORTED", "FAILED"] },
        ] }
      }
    }
    image-vulnerability = {
      description = "Inspector found a critical or high vulnerability."
      pattern     = { source = ["aws.inspector2"], detail-type = ["Inspector2 Finding"], detail = { severity = ["CRITICAL", "HIGH"], status = ["ACTIVE"] } }
    }
  }
}

# control: MON-05
resource "aws_cloudwatch_event_rule" "this" {
  for_each = local._events

  name          = "${var.prefix}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
}

# control: MON-05
# control: MON-06
resource "aws_cloudwatch_event_target" "this" {
  for_each = local._events

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "alarms"
  arn       = local._topic
}
