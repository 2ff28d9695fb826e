# Where the other buckets and the load balancers write who asked for what. AWS takes no customer key here.
# control: MON-02
module "access_logs" {
  source = "../bucket"

  name            = local._names["access-logs"]
  account_id      = var.account_id
  partition       = var.partition
  organisation_id = var.organisation_id
  key             = null
  log_target      = null
  expire_days     = var.retention["access-logs"]
  noncurrent_days = 1
  deny_delete     = "objects"
  writers         = local._log_writers
}
