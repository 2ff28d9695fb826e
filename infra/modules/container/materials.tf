# The command that turns secrets into files before the service starts, so that the service's own
# environment holds none.
locals {
  materials_command = ["-I", "-c", file("${path.module}/materials.py")]
}
