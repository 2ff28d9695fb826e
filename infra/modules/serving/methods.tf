# The routes that the gateway knows. Each wants a signature of the caller's role and the caller's token.
locals {
  routes = {
    decisions = { parent = "v1", path = "decisions", method = "POST" }
    model     = { parent = "v1", path = "model", method = "GET" }
    metrics   = { parent = "", path = "metrics", method = "GET" }
    openapi   = { parent = "", path = "openapi.json", method = "GET" }
  }

  # The signature needs the Authorization header, so the token comes in another one.
  identity_header = "X-Redoubt-Authorization"
}

resource "aws_api_gateway_resource" "v1" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "v1"
}

resource "aws_api_gateway_resource" "route" {
  for_each = local.routes

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = each.value.parent == "v1" ? aws_api_gateway_resource.v1.id : aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.value.path
}

resource "aws_api_gateway_request_validator" "this" {
  name                        = "${var.prefix}-serving"
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_method" "route" {
  for_each = local.routes

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_resource.route[each.key].id
  http_method = each.value.method
  # control: NET-05
  authorization        = "AWS_IAM"
  request_validator_id = aws_api_gateway_request_validator.this.id
  request_parameters   = { "method.request.header.${local.identity_header}" = true }
}

resource "aws_api_gateway_integration" "route" {
  for_each = local.routes

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.route[each.key].id
  http_method             = aws_api_gateway_method.route[each.key].http_method
  integration_http_method = each.value.method
  type                    = "HTTP_PROXY"
  connection_type         = "VPC_LINK"
  connection_id           = aws_api_gateway_vpc_link.this.id
  timeout_milliseconds    = 10000
  # control: NET-04
  uri                = "https://${var.host}/${join("/", compact([each.value.parent, each.value.path]))}"
  request_parameters = { "integration.request.header.Authorization" = "method.request.header.${local.identity_header}" }

  # control: NET-04
  tls_config {
    insecure_skip_verification = false
  }
}
