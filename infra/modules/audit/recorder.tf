# Config records every resource and its changes, and delivers to the locked bucket.
# Config's own role: AWS writes its policy, and one account has exactly one (import it where it exists already).
resource "aws_iam_service_linked_role" "config" {
  aws_service_name = "config.amazonaws.com"
}

# control: MON-06
resource "aws_config_configuration_recorder" "this" {
  name     = "${var.prefix}-recorder"
  role_arn = aws_iam_service_linked_role.config.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }
}

resource "aws_config_delivery_channel" "this" {
  name           = "${var.prefix}-delivery"
  s3_bucket_name = var.bucket_name
  # control: SEC-04
  s3_kms_key_arn = var.trail_key_arn

  snapshot_delivery_properties {
    delivery_frequency = "Six_Hours"
  }

  depends_on = [aws_config_configuration_recorder.this]
}

# control: MON-06
resource "aws_config_configuration_recorder_status" "this" {
  name       = aws_config_configuration_recorder.this.name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}
