# Yours: what this project needs beyond the platform's composition, such as another bucket or an alarm.
# An update never touches this file. Your resources pass the same scans; use the outputs of the modules
# in main.tf (local.key_arns, local.network.security_group_ids …) instead of making your own.
