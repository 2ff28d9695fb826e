output "definition" {
  description = "The container as an entry of a task definition's container_definitions."
  value       = local.definition
}

output "materials_command" {
  description = "Arguments for a Python interpreter that writes secrets into files and ends."
  value       = local.materials_command
}
