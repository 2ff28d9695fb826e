# Three machines of the bank's hardened image, one a zone. Addresses and data stay when a machine is replaced.
locals {
  # Known before anything exists: a is the first zone, b the second, c the third.
  nodes = { for index, node in ["a", "b", "c"] : node => { subnet = var.subnet_ids[index], zone = var.zones[index] } }

  # What only AWS knows of a node, by its name.
  _addresses = { for node, interface in aws_network_interface.this : node => interface.private_ip }
  _volumes   = { for node, volume in aws_ebs_volume.this : node => volume.id }
}

resource "aws_network_interface" "this" {
  for_each = local.nodes

  description       = "${var.prefix} secrets, node ${each.key}: the address that the other nodes know."
  subnet_id         = each.value.subnet
  security_groups   = [var.node_security_group_id]
  source_dest_check = true

  tags = { Name = "${var.prefix}-secrets-${each.key}" }
}

# No key pair and no right to Session Manager: nobody logs in to a node.
resource "aws_instance" "this" {
  for_each = local.nodes

  ami                  = var.image_id
  instance_type        = var.instance_type
  iam_instance_profile = aws_iam_instance_profile.this.name
  user_data_base64     = base64encode(local.user_data[each.key])
  # A new configuration needs a new machine; protection lets that happen to one node at a time only.
  user_data_replace_on_change = true
  disable_api_termination     = each.key != var.replaceable_node
  ebs_optimized               = true
  monitoring                  = true

  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.this[each.key].id
  }

  # control: IAM-01
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  # control: SEC-04
  root_block_device {
    encrypted   = true
    kms_key_id  = var.volume_key_arn
    volume_type = "gp3"
  }

  tags = { Name = "${var.prefix}-secrets-${each.key}" }
}

# control: SEC-04
resource "aws_ebs_volume" "this" {
  for_each = local.nodes

  availability_zone = each.value.zone
  size              = var.volume_size
  type              = "gp3"
  encrypted         = true
  kms_key_id        = var.volume_key_arn
  # control: IR-04
  final_snapshot = true

  tags = { Name = "${var.prefix}-secrets-${each.key}" }
  # checkov:skip=CKV2_AWS_9:Every six hours a node writes a raft snapshot to the artefacts bucket, which AWS Backup keeps. A volume that was copied under a running node would bring back a stale member of the cluster. Until 2027-11-25.
}

resource "aws_volume_attachment" "this" {
  for_each = local.nodes

  device_name                    = "/dev/sdf"
  instance_id                    = aws_instance.this[each.key].id
  volume_id                      = aws_ebs_volume.this[each.key].id
  stop_instance_before_detaching = true
}
