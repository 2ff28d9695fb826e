# What cloud-init does on a node. It holds names of secrets, never a secret.
locals {
  user_data = {
    for node in keys(local.nodes) : node => join("\n", ["#cloud-config", yamlencode({
      write_files = [for path, file in local._files[node] : {
        path        = path
        owner       = "root:root"
        permissions = file.mode
        content     = file.content
      }]
      runcmd = [
        ["systemctl", "daemon-reload"],
        ["systemctl", "restart", "logrotate.timer"],
        ["systemctl", "enable", "--now", "openbao.service", "openbao-snapshot.timer"],
        ["/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl", "-a", "fetch-config", "-m", "ec2", "-s", "-c", "file:/etc/openbao/agent.json"],
      ]
    })])
  }

  _files = {
    for node in keys(local.nodes) : node => {
      "/etc/openbao/config.json"                           = { mode = "0644", content = jsonencode(local.configuration[node]) }
      "/etc/openbao/agent.json"                            = { mode = "0644", content = jsonencode(local._agent[node]) }
      "/etc/openbao/node.env"                              = { mode = "0644", content = join("", [for name, value in local._environment[node] : "${name}=\"${value}\"\n"]) }
      "/etc/logrotate.d/openbao"                           = { mode = "0644", content = file("${path.module}/files/logrotate") }
      "/etc/systemd/system/logrotate.timer.d/openbao.conf" = { mode = "0644", content = "[Timer]\nOnCalendar=\nOnCalendar=hourly\n" }
      "/usr/local/sbin/openbao-prepare"                    = { mode = "0755", content = file("${path.module}/files/prepare.sh") }
      "/usr/local/sbin/openbao-snapshot"                   = { mode = "0755", content = file("${path.module}/files/snapshot.sh") }
      "/etc/systemd/system/openbao.service"                = { mode = "0644", content = file("${path.module}/files/openbao.service") }
      "/etc/systemd/system/openbao-snapshot.service"       = { mode = "0644", content = file("${path.module}/files/snapshot.service") }
      "/etc/systemd/system/openbao-snapshot.timer"         = { mode = "0644", content = file("${path.module}/files/snapshot.timer") }
    }
  }

  _environment = {
    for node in keys(local.nodes) : node => {
      AWS_REGION   = var.region
      BAO_ADDR     = "https://127.0.0.1:8200"
      SERVER_NAME  = var.host
      VOLUME       = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(local._volumes[node], "-", "")}"
      MATERIALS    = join(" ", [for name, arn in var.materials : "${name}=${arn}"])
      SNAPSHOT_URI = "s3://${var.snapshot_bucket}/secrets/${node}"
      SNAPSHOT_KEY = var.snapshot_key_arn
    }
  }

  # control: SEC-03
  _agent = {
    for node in keys(local.nodes) : node => {
      agent = { region = var.region }
      logs = { logs_collected = { files = { collect_list = [{
        file_path       = "/var/log/openbao/audit.log"
        log_group_name  = aws_cloudwatch_log_group.this.name
        log_stream_name = node
      }] } } }
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/redoubt/${var.prefix}/secrets"
  # control: SEC-04
  kms_key_id = var.log_key_arn
  # control: DAT-08
  retention_in_days = var.log_retention_days
}
