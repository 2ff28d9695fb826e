# What OpenBao reads. Since 2.7 the awskms seal is a plugin, which the image carries and this sum pins.
locals {
  _data    = "/var/lib/openbao"
  _runtime = "/run/openbao"

  configuration = {
    for node in keys(local.nodes) : node => {
      cluster_name = "${var.prefix}-secrets"
      api_addr     = "https://${var.host}:8200"
      cluster_addr = "https://${local._addresses[node]}:8201"
      ui           = false
      log_format   = "json"

      # control: SEC-04
      plugin_directory = "/opt/openbao/plugins"
      plugin = [{ kms = { awskms = {
        command   = var.seal_plugin.command
        sha256sum = var.seal_plugin.sha256
      } } }]
      seal = [{ awskms = { region = var.region, kms_key_id = var.seal_key_arn } }]

      # control: NET-04
      listener = [{ tcp = {
        address            = "0.0.0.0:8200"
        cluster_address    = "0.0.0.0:8201"
        tls_cert_file      = "${local._runtime}/tls.pem"
        tls_key_file       = "${local._runtime}/tls-key.pem"
        tls_client_ca_file = "${local._runtime}/ca.pem"
        tls_min_version    = "tls12"
      } }]

      storage = [{ raft = {
        path    = "${local._data}/raft"
        node_id = node
        # control: IR-04
        retry_join = [for peer in keys(local.nodes) : {
          leader_api_addr       = "https://${local._addresses[peer]}:8200"
          leader_tls_servername = var.host
          leader_ca_cert_file   = "${local._runtime}/ca.pem"
        } if peer != node]
      } }]

      # Two devices: a request is refused when neither can be written. Values are hashed (log_raw is never set).
      # Without a description OpenBao's parser takes "options" for a part of the name.
      # control: SEC-03
      audit = [
        { file = { to-disk = { description = "Shipped to CloudWatch.", options = { file_path = "/var/log/openbao/audit.log", mode = "0600" } } } },
        { file = { to-journal = { description = "Kept by the journal.", options = { file_path = "stdout" } } } },
      ]
    }
  }
}
