# The private address of the store. TLS passes through to the nodes, so that client certificates reach them.
resource "aws_lb" "this" {
  name = "${var.prefix}-secrets"
  # control: NET-01
  internal           = true
  load_balancer_type = "network"
  subnets            = var.subnet_ids
  security_groups    = [var.balancer_security_group_id]

  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = true
  # checkov:skip=CKV_AWS_91:A network load balancer logs TLS listeners only, and this one passes TLS through to the nodes. The store's two audit devices name every caller, and flow logs every connection. Until 2027-11-25.
}

# control: NET-04
resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 8200
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

# Sealed and unjoined nodes answer 503 or 501 and get no traffic; a standby hands on to the leader.
resource "aws_lb_target_group" "this" {
  name        = "${var.prefix}-secrets"
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = 8200
  protocol    = "TCP"
  # The audit log names the caller, not the load balancer.
  # control: SEC-03
  preserve_client_ip   = true
  deregistration_delay = 30

  health_check {
    protocol = "HTTPS"
    path     = "/v1/sys/health?standbyok=true"
    matcher  = "200"
    interval = 10
    timeout  = 5
  }
}

resource "aws_lb_target_group_attachment" "this" {
  for_each = local.nodes

  target_group_arn = aws_lb_target_group.this.arn
  target_id        = aws_network_interface.this[each.key].private_ip
}
