# The private load balancer: TLS in, client certificates demanded, TLS out to the tasks.
resource "aws_lb" "this" {
  name = "${var.prefix}-tracking"
  # control: NET-01
  internal           = true
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  security_groups    = [var.balancer_security_group_id]

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = true

  # control: MON-02
  access_logs {
    bucket  = var.access_log_bucket
    prefix  = "tracking"
    enabled = true
  }
}

# control: NET-04
resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.tls_policy
  certificate_arn   = var.certificate_arn

  # control: IAM-04
  dynamic "mutual_authentication" {
    for_each = aws_lb_trust_store.this
    content {
      mode                             = "verify"
      trust_store_arn                  = mutual_authentication.value.arn
      ignore_client_certificate_expiry = false
    }
  }

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_trust_store" "this" {
  for_each = { for name, ca in { clients = var.client_ca } : name => ca if var.with_client_certificates }

  name                             = "${var.prefix}-tracking"
  ca_certificates_bundle_s3_bucket = each.value.bucket
  ca_certificates_bundle_s3_key    = each.value.key
}

# control: NET-04
resource "aws_lb_target_group" "this" {
  name        = "${var.prefix}-tracking"
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = local.port
  protocol    = "HTTPS"

  deregistration_delay = 30

  health_check {
    protocol = "HTTPS"
    path     = "/health"
    matcher  = "200"
    interval = 15
    timeout  = 5
  }
}
