# The one ingress: a private API that only the named endpoint and the named roles of the organisation reach.
# control: NET-05
resource "aws_api_gateway_rest_api" "this" {
  name                         = "${var.prefix}-serving"
  description                  = "Predictions of ${var.prefix}."
  disable_execute_api_endpoint = false

  endpoint_configuration {
    types            = ["PRIVATE"]
    vpc_endpoint_ids = [var.endpoint_id]
  }

  lifecycle {
    create_before_destroy = true
  }
}

# control: NET-05
# control: NET-02
resource "aws_api_gateway_rest_api_policy" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  policy      = jsonencode(local.policy)
}

resource "aws_api_gateway_vpc_link" "this" {
  name        = "${var.prefix}-serving"
  description = "From the gateway to the internal load balancer."
  target_arns = [aws_lb.this.arn]
}

locals {
  # control: SEC-04
  _every_method = "${aws_api_gateway_rest_api.this.execution_arn}/*"

  policy = {
    Version = "2012-10-17"
    Statement = [
      {
        # control: NET-05
        Sid       = "CallersOnly"
        Effect    = "Allow"
        Principal = { AWS = var.caller_arns }
        Action    = "execute-api:Invoke"
        Resource  = local._every_method
      },
      {
        # control: NET-05
        Sid       = "EndpointOnly"
        Effect    = "Deny"
        Principal = { AWS = ["*"] }
        Action    = "execute-api:Invoke"
        Resource  = local._every_method
        Condition = { StringNotEquals = { "aws:SourceVpce" = var.endpoint_id } }
      },
      {
        Sid       = "OrganisationOnly"
        Effect    = "Deny"
        Principal = { AWS = ["*"] }
        Action    = "execute-api:Invoke"
        Resource  = local._every_method
        Condition = { StringNotEquals = { "aws:PrincipalOrgID" = var.organisation_id } }
      },
    ]
  }
}
