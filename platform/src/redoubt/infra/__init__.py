"""The private cloud: Terraform found and run, plans read, state begun, accounts looked at first."""
