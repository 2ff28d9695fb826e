# The internal load balancer between the gateway's link and the tasks: TLS in and TLS out.
resource "aws_lb" "this" {
  name = "${var.prefix}-serving"
  # control: NET-01
  # control: NET-05
  internal           = true
  load_balancer_type = "network"
  subnets            = var.subnet_ids
  security_groups    = [var.balancer_security_group_id]
  # Traffic of the gateway's link comes past the security group, so the group admits nothing at all:
  # the link is the only way in.
  # control: NET-05
  enforce_security_group_inbound_rules_on_private_link_traffic = "off"

  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = true

  # control: MON-02
  access_logs {
    bucket  = var.access_log_bucket
    prefix  = "serving"
    enabled = true
  }
}

# control: NET-04
resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "TLS"
  ssl_policy        = var.tls_policy
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

# control: NET-04
resource "aws_lb_target_group" "this" {
  name                   = "${var.prefix}-serving"
  vpc_id                 = var.vpc_id
  target_type            = "ip"
  port                   = local.port
  protocol               = "TLS"
  preserve_client_ip     = false
  deregistration_delay   = 30
  connection_termination = true

  health_check {
    protocol = "HTTPS"
    path     = "/readyz"
    matcher  = "200"
    interval = 10
    timeout  = 5
  }
}
