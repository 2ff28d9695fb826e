# Yours: given once, an update never touches it. What every environment shares is an answer.
# Every value below "placeholders" only lets an offline plan run: `redoubt plan` refuses them until they are yours.
environment = "validation"

# control: DAT-08
retention = { raw = 90, trusted = 365, protected = 365, artefacts = 730, audit = 730, access-logs = 365 }

# --- placeholders
installer_role         = "placeholder"
federation             = { provider = "placeholder", mfa_claim = "saml:edupersonassurance", mfa_values = ["https://refeds.org/profile/mfa"] }
listeners              = { security = { protocol = "https", endpoint = "https://alarms.example/redoubt" } }
copy_vault_arn         = "arn:aws:backup:eu-west-1:000000000000:backup-vault:placeholder"
caller_arns            = ["arn:aws:iam::000000000000:role/placeholder"]
client_prefix_list_ids = ["pl-00000000"]
client_cidrs           = ["10.0.0.0/32"]
s3_cidrs               = ["192.0.2.0/24"]
secrets_image          = { id = "ami-00000000", seal_plugin_sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
client_ca              = { bucket = "placeholder", key = "ca.pem" }

hosts = {
  secrets  = "secrets.example"
  serving  = "serving.example"
  tracking = "tracking.example"
}

certificates = {
  serving  = "arn:aws:acm:eu-central-1:000000000000:certificate/placeholder"
  tracking = "arn:aws:acm:eu-central-1:000000000000:certificate/placeholder"
}

images = {
  serving  = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
  tracking = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
  training = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

materials = {
  secrets = {
    "ca.pem"      = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
    "tls.pem"     = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
    "tls-key.pem" = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
  }
  serving = {
    "anchors.json" = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
    "jwks.json"    = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
    "tls.pem"      = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
    "tls-key.pem"  = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
  }
  tracking = {
    "tls.pem"     = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
    "tls-key.pem" = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:placeholder"
  }
}
