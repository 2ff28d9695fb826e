#!/bin/bash
# Takes a snapshot of the store on its leader and puts it into the backup bucket. The node shows its own
# certificate for a token that lives for minutes; no token is kept.
set -euo pipefail
umask 077
export BAO_CACERT=/run/openbao/ca.pem BAO_TLS_SERVER_NAME="$SERVER_NAME" HOME="$RUNTIME_DIRECTORY"

health=$(curl --silent --show-error --output /dev/null --write-out '%{http_code}' --cacert "$BAO_CACERT" \
  --connect-to "$SERVER_NAME:8200:127.0.0.1:8200" "https://$SERVER_NAME:8200/v1/sys/health")
# 429 is a standby: the leader does the work. Everything else but 200 is a fault.
[ "$health" != 429 ] || exit 0
[ "$health" = 200 ] || { echo "the store answers $health, no snapshot" >&2; exit 1; }

BAO_TOKEN=$(bao login -method=cert -no-store -token-only -client-cert=/run/openbao/tls.pem \
  -client-key=/run/openbao/tls-key.pem name=snapshot)
export BAO_TOKEN
trap 'rm -f "$RUNTIME_DIRECTORY/store.snap"; bao token revoke -self >/dev/null' EXIT
bao operator raft snapshot save "$RUNTIME_DIRECTORY/store.snap"
aws s3 cp --only-show-errors --sse aws:kms --sse-kms-key-id "$SNAPSHOT_KEY" \
  "$RUNTIME_DIRECTORY/store.snap" "$SNAPSHOT_URI/$(date --utc +%Y%m%dT%H%M%SZ).snap"
