# The stage: throttled, logged without any content, traced.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  # A new deployment whenever a route or the policy has changed.
  triggers = {
    content = sha256(jsonencode([
      local.policy, local.routes, local.identity_header, var.host, aws_api_gateway_method.route, aws_api_gateway_integration.route,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_rest_api_policy.this]
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.environment
  xray_tracing_enabled = true

  # control: NET-05
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId = "$context.requestId"
      time      = "$context.requestTime"
      caller    = "$context.identity.userArn"
      address   = "$context.identity.sourceIp"
      endpoint  = "$context.identity.vpceId"
      method    = "$context.httpMethod"
      route     = "$context.resourcePath"
      status    = "$context.status"
      error     = "$context.error.responseType"
      waf       = "$context.wafResponseCode"
      length    = "$context.responseLength"
      latency   = "$context.responseLatency"
    })
  }

  depends_on = [aws_api_gateway_account.this]
  # checkov:skip=CKV_AWS_120:A cache would answer one applicant with the decision of another, and would keep personal data. Until 2027-11-25.
  # checkov:skip=CKV2_AWS_51:The load balancer ends TLS, so nobody would verify the gateway's client certificate. Callers are authenticated by AWS_IAM and by their token. Until 2027-11-25.
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    # control: NET-05
    # control: SRV-05
    throttling_rate_limit = var.requests_per_second
    # control: SRV-05
    throttling_burst_limit = var.requests_burst
    metrics_enabled        = true
    logging_level          = "ERROR"
    # Traces would hold the applicants' data, and a cache would answer with another's decision.
    data_trace_enabled = false
    caching_enabled    = false
  }
  # checkov:skip=CKV_AWS_225:A cache would answer one applicant with the decision of another, and would keep personal data. Until 2027-11-25.
}
