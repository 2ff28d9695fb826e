# The account's images are scanned again whenever a new vulnerability is known, not only when they arrive.
# control: SUP-02
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "${var.prefix}-*"
      filter_type = "WILDCARD"
    }
  }
}
