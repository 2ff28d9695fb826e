# The one place that says how a container of this project runs: every hardening stands here once.
locals {
  definition = merge(local._frame, local._optional)

  _frame = {
    name        = var.name
    image       = var.image
    essential   = var.essential
    cpu         = var.cpu
    memory      = var.memory
    stopTimeout = var.stop_seconds

    # control: TRN-03
    # control: SRV-07
    user = var.user
    # control: TRN-03
    # control: SRV-07
    readonlyRootFilesystem = true
    # control: TRN-03
    # control: SRV-07
    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { add = [], drop = ["ALL"] }
    }
    # A core dump would hold rows and keys; the hard limit cannot be raised from inside.
    # control: SRV-07
    ulimits = [
      { name = "core", softLimit = 0, hardLimit = 0 },
      { name = "nofile", softLimit = var.open_files, hardLimit = var.open_files },
    ]

    # Sorted by name, because the order that AWS answers must not show as a change.
    environment    = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets        = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    mountPoints    = [for m in var.mounts : { sourceVolume = m.volume, containerPath = m.path, readOnly = m.read_only }]
    dependsOn      = [for name in sort(keys(var.needs)) : { containerName = name, condition = var.needs[name] }]
    portMappings   = var.port == null ? [] : [{ containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    volumesFrom    = []
    systemControls = []

    logConfiguration = {
      logDriver = "awslogs"
      options = merge(
        {
          awslogs-group         = var.log_group_name
          awslogs-region        = var.region
          awslogs-stream-prefix = var.name
          mode                  = var.log_mode
        },
        var.log_mode == "non-blocking" ? { max-buffer-size = "25m" } : {},
      )
    }
  }

  _optional = {
    for key, value in {
      command    = var.command
      entryPoint = var.entry_point
      healthCheck = var.health == null ? null : {
        command     = concat(["CMD"], var.health)
        interval    = 30
        timeout     = 5
        retries     = 3
        startPeriod = 60
      }
    } : key => value if value != null
  }
}
