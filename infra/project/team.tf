# Yours: what this project needs beyond the platform's composition, such as another bucket or an alarm.
# An update never touches this file. Your resources pass the same scans; use what the composition offers instead
# of making your own: local.prefix, local.account_id, local.key_arns (data, artefacts …), local.network
# (security_group_ids …), module.storage.bucket_names. A bucket is a call of ./modules/bucket and a line in
# own_buckets of environments/*.tfvars.
