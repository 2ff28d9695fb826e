# What every container of the project is given, and what is refused.
variables {
  name           = "service"
  image          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  cpu            = 512
  memory         = 1024
  region         = "eu-central-1"
  log_group_name = "/redoubt/pd-dev/serving"
  environment    = { REDOUBT_PORT = "8443", REDOUBT_TOKEN_FILE = "/run/redoubt/token" }
  secrets        = { PGPASSWORD = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-abc:password::" }
}

run "hardening_correct" {
  command = plan
  assert {
    condition     = output.definition.readonlyRootFilesystem == true
    error_message = "The root must be read-only."
  }
  assert {
    condition     = output.definition.user == "10001:10001"
    error_message = "The process must not be root."
  }
  assert {
    condition     = output.definition.linuxParameters.capabilities.drop == ["ALL"] && length(output.definition.linuxParameters.capabilities.add) == 0
    error_message = "All capabilities must be dropped and none added."
  }
  assert {
    condition     = [for u in output.definition.ulimits : u.hardLimit if u.name == "core"] == [0]
    error_message = "Core dumps must be off."
  }
  assert {
    condition     = [for u in output.definition.ulimits : u.hardLimit if u.name == "nofile"] == [4096]
    error_message = "Open files must be limited."
  }
  assert {
    condition     = output.definition.memory == 1024 && output.definition.cpu == 512
    error_message = "Memory and CPU must be limited."
  }
  assert {
    condition     = !contains(keys(output.definition), "privileged")
    error_message = "Fargate has no privileged mode, so the key must not appear."
  }
  assert {
    condition     = output.definition.secrets[0].valueFrom == var.secrets.PGPASSWORD
    error_message = "A secret must be named by ARN."
  }
  assert {
    condition     = !contains(keys(output.definition), "healthCheck") && !contains(keys(output.definition), "command")
    error_message = "What is not given must not appear."
  }
}

run "service_parts_correct" {
  command = plan
  variables {
    port     = 8443
    health   = ["python", "-V"]
    command  = ["serve"]
    log_mode = "non-blocking"
    needs    = { materials = "SUCCESS" }
    mounts   = [{ volume = "material", path = "/run/redoubt" }]
  }
  assert {
    condition     = output.definition.healthCheck.command == ["CMD", "python", "-V"]
    error_message = "The health check must run without a shell."
  }
  assert {
    condition     = output.definition.mountPoints[0].readOnly == true
    error_message = "A mount must be read-only unless it says otherwise."
  }
  assert {
    condition     = output.definition.logConfiguration.options["max-buffer-size"] == "25m"
    error_message = "A non-blocking log needs its buffer."
  }
  assert {
    condition     = output.definition.dependsOn[0].condition == "SUCCESS"
    error_message = "The order of the containers must be kept."
  }
  assert {
    condition     = strcontains(output.materials_command[2], "chmod(0o400)")
    error_message = "Materials must be readable by their owner only."
  }
}

run "tag_incorrect" {
  command = plan
  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving:latest"
  }
  expect_failures = [var.image]
}

run "public_registry_incorrect" {
  command = plan
  variables {
    image = "docker.io/library/python@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
  expect_failures = [var.image]
}

run "root_incorrect" {
  command = plan
  variables {
    user = "0:0"
  }
  expect_failures = [var.user]
}

run "secret_name_in_environment_incorrect" {
  command = plan
  variables {
    environment = { DB_PASSWORD = "x" }
  }
  expect_failures = [var.environment]
}

run "secret_value_in_environment_incorrect" {
  command = plan
  variables {
    environment = { STORE = join("", ["postgresql://user:", "hidden", "@db/mlflow"]) }
  }
  expect_failures = [var.environment]
}

run "secret_by_value_incorrect" {
  command = plan
  variables {
    secrets = { PGPASSWORD = "hidden" }
  }
  expect_failures = [var.secrets]
}

run "low_port_incorrect" {
  command = plan
  variables {
    port = 443
  }
  expect_failures = [var.port]
}

run "mount_over_programs_incorrect" {
  command = plan
  variables {
    mounts = [{ volume = "x", path = "/usr/bin" }]
  }
  expect_failures = [var.mounts]
}

run "limits_incorrect" {
  command = plan
  variables {
    open_files   = 1000000
    cpu          = 1
    memory       = 1
    stop_seconds = 500
    log_mode     = "lossy"
  }
  expect_failures = [var.open_files, var.cpu, var.memory, var.stop_seconds, var.log_mode]
}
