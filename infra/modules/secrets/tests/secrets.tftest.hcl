# Three private nodes that unseal with one key, speak TLS only, write two audit logs and hold no secret.
mock_provider "aws" {
  override_during = plan
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/mocked/1" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/mocked/1" }
  }
  mock_resource "aws_network_interface" {
    defaults = { id = "eni-0123", private_ip = "10.20.0.10" }
  }
  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123abcd", arn = "arn:aws:ec2:eu-central-1:123456789012:volume/vol-0123abcd" }
  }
}

override_resource {
  target          = aws_network_interface.this["a"]
  override_during = plan
  values          = { id = "eni-a", private_ip = "10.20.0.10" }
}

override_resource {
  target          = aws_network_interface.this["b"]
  override_during = plan
  values          = { id = "eni-b", private_ip = "10.20.1.10" }
}

override_resource {
  target          = aws_network_interface.this["c"]
  override_during = plan
  values          = { id = "eni-c", private_ip = "10.20.2.10" }
}

variables {
  prefix                     = "pd-prod"
  environment                = "production"
  account_id                 = "123456789012"
  region                     = "eu-central-1"
  permissions_boundary_arn   = "arn:aws:iam::123456789012:policy/pd-prod-boundary"
  vpc_id                     = "vpc-0123"
  subnet_ids                 = ["subnet-a", "subnet-b", "subnet-c"]
  zones                      = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  balancer_security_group_id = "sg-balancer"
  node_security_group_id     = "sg-node"
  host                       = "secrets.pd.bank.example"
  image_id                   = "ami-0123456789abcdef0"
  seal_plugin                = { sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  seal_key_arn               = "arn:aws:kms:eu-central-1:123456789012:key/seal"
  volume_key_arn             = "arn:aws:kms:eu-central-1:123456789012:key/volumes"
  material_key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/secrets"
  snapshot_key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/backup"
  log_key_arn                = "arn:aws:kms:eu-central-1:123456789012:key/logs"
  snapshot_bucket            = "pd-prod-backup-123456789012"
  materials = {
    "ca.pem"      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ca-a"
    "tls.pem"     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tls-a"
    "tls-key.pem" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a"
  }
}

run "nodes_correct" {
  command = plan
  assert {
    condition     = keys(aws_instance.this) == ["a", "b", "c"] && tolist([for i in aws_network_interface.this : i.subnet_id]) == var.subnet_ids && tolist([for v in aws_ebs_volume.this : v.availability_zone]) == var.zones
    error_message = "One node must stand in each zone, its data beside it."
  }
  assert {
    condition     = alltrue([for i in aws_network_interface.this : i.security_groups == toset(["sg-node"])])
    error_message = "A node must have the one group of nodes."
  }
  assert {
    condition     = alltrue([for node, i in aws_instance.this : one(i.network_interface).network_interface_id == "eni-${node}"])
    error_message = "A node must use its own address."
  }
  assert {
    condition     = alltrue([for i in aws_instance.this : i.metadata_options[0].http_tokens == "required" && i.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "The role's credentials must be reachable by IMDSv2 on the node alone."
  }
  assert {
    condition     = alltrue([for i in aws_instance.this : i.root_block_device[0].encrypted && i.root_block_device[0].kms_key_id == var.volume_key_arn]) && alltrue([for v in aws_ebs_volume.this : v.encrypted && v.kms_key_id == var.volume_key_arn])
    error_message = "Every volume must be encrypted with the volume key."
  }
  assert {
    condition     = alltrue([for i in aws_instance.this : i.disable_api_termination]) && alltrue([for v in aws_ebs_volume.this : v.final_snapshot])
    error_message = "Nodes must be hard to lose, and a deleted volume must leave a snapshot."
  }
}

run "one_node_replaceable_correct" {
  command = plan
  variables {
    replaceable_node = "b"
  }
  assert {
    condition     = { for node, i in aws_instance.this : node => i.disable_api_termination } == { a = true, b = false, c = true }
    error_message = "Only the named node may be terminated."
  }
}

run "configuration_correct" {
  command = plan
  assert {
    condition     = local.configuration["a"].seal == [{ awskms = { region = "eu-central-1", kms_key_id = var.seal_key_arn } }]
    error_message = "The store must unseal with the seal key, by the role and no access key."
  }
  assert {
    condition     = local.configuration["a"].plugin == [{ kms = { awskms = { command = "openbao-plugin-kms-aws", sha256sum = var.seal_plugin.sha256 } } }]
    error_message = "The seal must be the plugin of that sum, under the name that the seal says."
  }
  assert {
    condition     = [for join in local.configuration["b"].storage[0].raft.retry_join : join.leader_api_addr] == ["https://10.20.0.10:8200", "https://10.20.2.10:8200"]
    error_message = "A node must look for both others, by their fixed addresses."
  }
  assert {
    condition     = alltrue([for join in local.configuration["b"].storage[0].raft.retry_join : join.leader_tls_servername == var.host && join.leader_ca_cert_file == "/run/openbao/ca.pem"])
    error_message = "A node must verify the others."
  }
  assert {
    condition     = { for node, c in local.configuration : node => c.cluster_addr } == { a = "https://10.20.0.10:8201", b = "https://10.20.1.10:8201", c = "https://10.20.2.10:8201" }
    error_message = "Each node must announce its own address."
  }
  assert {
    condition     = length(local.configuration["a"].listener) == 1 && !can(local.configuration["a"].listener[0].tcp.tls_disable) && local.configuration["a"].listener[0].tcp.tls_min_version == "tls12" && startswith(local.configuration["a"].listener[0].tcp.tls_key_file, "/run/")
    error_message = "The one listener must speak TLS 1.2 or later, its key in memory."
  }
  assert {
    condition     = flatten([for device in local.configuration["a"].audit : [for name, d in device.file : d.options.file_path]]) == ["/var/log/openbao/audit.log", "stdout"] && !strcontains(jsonencode(local.configuration["a"].audit), "log_raw")
    error_message = "There must be two audit devices, and no value in clear."
  }
  assert {
    condition     = alltrue(flatten([for device in local.configuration["a"].audit : [for name, d in device.file : length(d.description) > 0]]))
    error_message = "Without a description OpenBao does not start."
  }
}

run "boot_correct" {
  command = plan
  assert {
    condition     = alltrue([for node, i in aws_instance.this : i.user_data_base64 == base64encode(local.user_data[node]) && startswith(local.user_data[node], "#cloud-config\n") && length(local.user_data[node]) < 16384])
    error_message = "A node must boot from its own configuration, of a size that EC2 takes."
  }
  assert {
    condition     = jsondecode([for f in yamldecode(local.user_data["c"]).write_files : f.content if f.path == "/etc/openbao/config.json"][0]) == jsondecode(jsonencode(local.configuration["c"]))
    error_message = "The configuration must reach the node whole."
  }
  assert {
    condition     = alltrue([for f in yamldecode(local.user_data["a"]).write_files : f.owner == "root:root" && contains(["0644", "0755"], f.permissions)])
    error_message = "Only root may change what the node runs."
  }
  assert {
    condition     = strcontains(local._files["a"]["/etc/openbao/node.env"].content, "VOLUME=\"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123abcd\"\n")
    error_message = "The node must find the data volume by its id."
  }
  assert {
    condition     = strcontains(local._files["a"]["/etc/openbao/node.env"].content, "tls-key.pem=${var.materials["tls-key.pem"]}") && !strcontains(local.user_data["a"], "PRIVATE KEY")
    error_message = "User data must name secrets, not hold them."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 400 && local._agent["a"].logs.logs_collected.files.collect_list[0].file_path == "/var/log/openbao/audit.log"
    error_message = "The audit log must leave the node, encrypted and kept."
  }
}

run "role_correct" {
  command = plan
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn && jsondecode(aws_iam_role.this.assume_role_policy).Statement[*].Principal.Service == ["ec2.amazonaws.com"]
    error_message = "EC2 alone may take the role, and the boundary holds it."
  }
  assert {
    condition = { for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Sid => [s.Action, s.Resource] } == {
      Unseal           = [["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"], [var.seal_key_arn]]
      ReadMaterials    = [["secretsmanager:GetSecretValue"], [var.materials["ca.pem"], var.materials["tls-key.pem"], var.materials["tls.pem"]]]
      DecryptMaterials = [["kms:Decrypt"], [var.material_key_arn]]
      WriteLogs        = [["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], ["arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/secrets", "arn:aws:logs:eu-central-1:123456789012:log-group:/redoubt/pd-prod/secrets:log-stream:*"]]
      WriteSnapshots   = [["s3:PutObject"], ["arn:aws:s3:::pd-prod-backup-123456789012/secrets/*"]]
      EncryptSnapshots = [["kms:Decrypt", "kms:GenerateDataKey"], [var.snapshot_key_arn]]
    }
    error_message = "A node may do exactly this: no session, no reading of snapshots, no other key."
  }
  assert {
    condition     = { for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Sid => s.Condition.StringEquals["kms:ViaService"] if can(s.Condition) } == { DecryptMaterials = "secretsmanager.eu-central-1.amazonaws.com", EncryptSnapshots = "s3.eu-central-1.amazonaws.com" }
    error_message = "Keys of materials and snapshots serve only through their service."
  }
}

run "balancer_correct" {
  command = plan
  assert {
    condition     = aws_lb.this.internal == true && aws_lb.this.load_balancer_type == "network" && aws_lb.this.security_groups == toset(["sg-balancer"]) && aws_lb.this.enable_deletion_protection == true
    error_message = "The load balancer must be private and hard to lose."
  }
  assert {
    condition     = aws_lb_listener.this.port == 8200 && aws_lb_listener.this.protocol == "TCP" && aws_lb_target_group.this.port == 8200 && aws_lb_target_group.this.protocol == "TCP"
    error_message = "TLS must pass through to the nodes."
  }
  assert {
    condition     = tobool(aws_lb_target_group.this.preserve_client_ip) == true && aws_lb_target_group.this.health_check[0].protocol == "HTTPS"
    error_message = "The audit log must name callers, and only unsealed nodes may get traffic."
  }
  assert {
    condition     = [for t in aws_lb_target_group_attachment.this : t.target_id] == ["10.20.0.10", "10.20.1.10", "10.20.2.10"]
    error_message = "All three nodes must be reached."
  }
  assert {
    condition     = output.url == "https://secrets.pd.bank.example:8200"
    error_message = "Clients must be told the name that the certificate carries."
  }
}
