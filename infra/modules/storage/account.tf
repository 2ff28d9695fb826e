# No bucket of the account can be made public, whoever makes it.
# control: NET-01
resource "aws_s3_account_public_access_block" "this" {
  for_each = var.with_account_block ? toset([var.account_id]) : []

  account_id              = each.key
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
