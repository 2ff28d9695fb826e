# The service is hardened, and the one way to it is private, signed, throttled, filtered and logged.
mock_provider "aws" {
  override_during = plan
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/mocked", id = "arn:aws:ecs:eu-central-1:123456789012:cluster/mocked" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/mocked:1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/mocked" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/mocked/1" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/mocked/1" }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = { arn = "arn:aws:apigateway:eu-central-1::/restapis/mocked/stages/mocked" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/mocked/1" }
  }
  mock_resource "aws_api_gateway_rest_api" {
    defaults = { execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:mocked" }
  }
}

variables {
  prefix                     = "pd-dev"
  environment                = "development"
  account_id                 = "123456789012"
  region                     = "eu-central-1"
  permissions_boundary_arn   = "arn:aws:iam::123456789012:policy/pd-dev-boundary"
  image                      = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pd-dev-serving@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  repository_arn             = "arn:aws:ecr:eu-central-1:123456789012:repository/pd-dev-serving"
  log_key_arn                = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  storage_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/data"
  secret_key_arns            = ["arn:aws:kms:eu-central-1:123456789012:key/2"]
  task_role_arn              = "arn:aws:iam::123456789012:role/pd-dev-serving"
  vpc_id                     = "vpc-0123"
  subnet_ids                 = ["subnet-a", "subnet-b", "subnet-c"]
  balancer_security_group_id = "sg-balancer"
  task_security_group_id     = "sg-task"
  access_log_bucket          = "pd-dev-access-logs-123456789012"
  certificate_arn            = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
  host                       = "serving.pd.bank.example"
  organisation_id            = "o-a1b2c3d4e5"
  endpoint_id                = "vpce-0123"
  caller_arns                = ["arn:aws:iam::210987654321:role/loans"]
  materials = {
    "anchors.json" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:anchors-a"
    "jwks.json"    = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:jwks-a"
    "tls.pem"      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a"
    "tls-key.pem"  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a"
  }
}

# One run: to plan the firewall is slow.
run "everything_correct" {
  command = plan
  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.this.container_definitions) : c.readonlyRootFilesystem && c.user == "10001:10001" && c.linuxParameters.capabilities.drop == ["ALL"] && c.image == var.image])
    error_message = "Both containers must be hardened and pinned."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].name == "serving" && length(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].secrets) == 0
    error_message = "The service must have no secret in its environment."
  }
  assert {
    condition     = [for m in jsondecode(aws_ecs_task_definition.this.container_definitions)[1].mountPoints : m.readOnly if m.sourceVolume == "material"] == [true]
    error_message = "The service must not be able to change its files."
  }
  assert {
    condition     = strcontains(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].healthCheck.command[4], "/livez")
    error_message = "Liveness must be asked in the task."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].dependsOn[0].condition == "SUCCESS"
    error_message = "The service must wait for its files."
  }
  assert {
    condition     = aws_ecs_service.this.enable_execute_command == false && aws_ecs_service.this.network_configuration[0].assign_public_ip == false
    error_message = "Tasks must have no shell and no public address."
  }
  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 6
    error_message = "The number of tasks must have two bounds."
  }
  assert {
    condition     = aws_ecs_cluster.this.configuration[0].managed_storage_configuration[0].fargate_ephemeral_storage_kms_key_id == var.storage_key_arn
    error_message = "Temporary storage must be under the project's key."
  }
  assert {
    condition     = aws_lb.this.internal == true && aws_lb.this.load_balancer_type == "network" && aws_lb.this.enforce_security_group_inbound_rules_on_private_link_traffic == "off"
    error_message = "Only the gateway's link may reach the load balancer."
  }
  assert {
    condition     = aws_lb_listener.this.protocol == "TLS" && aws_lb_listener.this.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    error_message = "The listener must speak TLS only."
  }
  assert {
    condition     = aws_lb_target_group.this.protocol == "TLS" && aws_lb_target_group.this.health_check[0].path == "/readyz" && aws_lb_target_group.this.health_check[0].protocol == "HTTPS"
    error_message = "The way to the tasks must be TLS, to ready ones only."
  }
  assert {
    condition     = aws_lb.this.enable_deletion_protection == true && aws_lb.this.access_logs[0].enabled == true
    error_message = "The load balancer must be kept and logged."
  }
  assert {
    condition     = aws_api_gateway_rest_api.this.endpoint_configuration[0].types == tolist(["PRIVATE"]) && aws_api_gateway_rest_api.this.endpoint_configuration[0].vpc_endpoint_ids == toset([var.endpoint_id])
    error_message = "The API must be private, behind the one endpoint."
  }
  assert {
    condition     = [for s in jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement : s.Effect] == ["Allow", "Deny", "Deny"] && jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement[0].Principal.AWS == [var.caller_arns[0]]
    error_message = "Only named roles may call."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement[1].Condition == { StringNotEquals = { "aws:SourceVpce" = "vpce-0123" } } && jsondecode(aws_api_gateway_rest_api_policy.this.policy).Statement[2].Condition == { StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
    error_message = "Other endpoints and organisations must be denied."
  }
  assert {
    condition     = length(aws_api_gateway_method.route) == 4 && alltrue([for m in aws_api_gateway_method.route : m.authorization == "AWS_IAM"])
    error_message = "Every method must have an authoriser."
  }
  assert {
    condition     = alltrue([for m in aws_api_gateway_method.route : m.request_parameters["method.request.header.X-Redoubt-Authorization"]])
    error_message = "Every method must demand the token."
  }
  assert {
    condition     = alltrue([for i in aws_api_gateway_integration.route : i.connection_type == "VPC_LINK" && i.tls_config[0].insecure_skip_verification == false && startswith(i.uri, "https://serving.pd.bank.example/")])
    error_message = "The gateway must verify the service."
  }
  assert {
    condition     = alltrue([for i in aws_api_gateway_integration.route : i.request_parameters["integration.request.header.Authorization"] == "method.request.header.X-Redoubt-Authorization"])
    error_message = "The token must reach the service."
  }
  assert {
    condition     = !anytrue([for r in aws_api_gateway_resource.route : contains(["livez", "readyz"], r.path_part)])
    error_message = "Probes must not be exposed."
  }
  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].throttling_rate_limit == 50 && aws_api_gateway_method_settings.this.settings[0].throttling_burst_limit == 100 && aws_api_gateway_method_settings.this.method_path == "*/*"
    error_message = "The stage must be throttled."
  }
  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].data_trace_enabled == false && aws_api_gateway_method_settings.this.settings[0].caching_enabled == false
    error_message = "No content may be traced or cached."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format).caller == "$context.identity.userArn"
    error_message = "Access logs must name the caller."
  }
  assert {
    condition     = alltrue([for g in [aws_cloudwatch_log_group.service, aws_cloudwatch_log_group.access, aws_cloudwatch_log_group.waf] : g.kms_key_id == var.log_key_arn && g.retention_in_days == 400])
    error_message = "Logs must be encrypted and kept."
  }
  assert {
    condition     = jsondecode(aws_iam_role.gateway.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == var.account_id && aws_iam_role.gateway.permissions_boundary == var.permissions_boundary_arn
    error_message = "The gateway's role must be for this account, under the boundary."
  }
  assert {
    condition     = aws_wafv2_web_acl_association.this.resource_arn == aws_api_gateway_stage.this.arn && aws_wafv2_web_acl_association.this.web_acl_arn == aws_wafv2_web_acl.this.arn
    error_message = "The firewall must stand before the stage."
  }
  assert {
    condition     = toset([for r in aws_wafv2_web_acl.this.rule : r.name]) == toset(["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesAnonymousIpList", "requests-of-one-address"])
    error_message = "The rules must be there."
  }
  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this.redacted_fields) == 2
    error_message = "Signature and token must not be logged."
  }
}

run "values_incorrect" {
  command = plan
  variables {
    image                = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pd-dev-serving:1"
    tls_policy           = "ELBSecurityPolicy-TLS-1-0-2015-04"
    caller_arns          = ["*"]
    organisation_id      = "*"
    endpoint_id          = ""
    materials            = {}
    tasks_most           = 1
    requests_per_second  = 0
    requests_burst       = 0
    requests_per_address = 1
  }
  expect_failures = [
    var.image,
    var.tls_policy,
    var.caller_arns,
    var.organisation_id,
    var.endpoint_id,
    var.materials,
    var.tasks_most,
    var.requests_per_second,
    var.requests_burst,
    var.requests_per_address,
  ]
}

run "production_incorrect" {
  command = plan
  variables {
    environment        = "production"
    tasks_least        = 1
    log_retention_days = 30
  }
  expect_failures = [var.tasks_least, var.log_retention_days]
}
