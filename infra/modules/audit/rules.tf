# One Config rule for each entry of rules.yml: AWS judges every change against it.
locals {
  _rules = yamldecode(file("${path.module}/rules.yml"))
}

# control: MON-06
resource "aws_config_config_rule" "this" {
  for_each = local._rules

  name             = "${var.prefix}-${each.key}"
  input_parameters = try(jsonencode(each.value.parameters), null)

  source {
    owner             = "AWS"
    source_identifier = each.value.identifier
  }

  depends_on = [aws_config_configuration_recorder.this]
}
