# Versions: this module makes no resource, it only shapes what the task definitions hold.
terraform {
  required_version = ">= 1.10"
}
