#!/bin/bash
# Before OpenBao starts: mounts the data volume and fetches the certificate into memory.
set -euo pipefail
umask 077

# The volume is attached after the first boot has begun.
for _ in $(seq 60); do [ -b "$VOLUME" ] && break; sleep 5; done
[ -b "$VOLUME" ] || { echo "volume $VOLUME is not attached" >&2; exit 1; }
# Only a volume without any signature is formatted (blkid answers 2); a doubtful one stops the start.
status=0
blkid --probe "$VOLUME" >/dev/null || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 2 ] || { echo "volume $VOLUME cannot be read (blkid $status)" >&2; exit 1; }
[ "$status" -eq 0 ] || mkfs.xfs -q "$VOLUME"
mountpoint -q /var/lib/openbao || mount -o nodev,nosuid,noexec "$VOLUME" /var/lib/openbao
install -d -o openbao -g openbao -m 0700 /var/lib/openbao/raft /var/log/openbao

# /run is memory: no private key ever lies on a disk.
for material in $MATERIALS; do
  file="/run/openbao/${material%%=*}"
  aws secretsmanager get-secret-value --secret-id "${material#*=}" --query SecretString --output text >"$file.new"
  chown openbao:openbao "$file.new"
  mv "$file.new" "$file"
done
