# The one place that says how a container of this project runs: non-root, read-only, without capabilities, with limits.
# Versions: this module makes no resource, it only shapes what the task definitions hold.
terraform {
  required_version = ">= 1.10"
}
