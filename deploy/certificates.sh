#!/bin/sh
# The certificates of the stack, for a cluster without cert-manager: prints Secrets to apply.
#
#     deploy/certificates.sh [--days N] [NAMESPACE/NAME ...] | kubectl apply -f -
#
# By default those of all parts, for 90 days; a Secret of a part that is not there harms nobody. They are
# signed by a new CA each time, whose key is thrown away: to renew is to run it again and apply all of them.
set -eu
days=90
if [ "${1:-}" = --days ]; then days=$2; shift 2; fi
[ $# -gt 0 ] || set -- monitoring/alertmanager monitoring/auth-proxy monitoring/blackbox-exporter \
    monitoring/grafana monitoring/kube-state-metrics monitoring/postgres-exporter monitoring/prometheus \
    monitoring/thanos-compact monitoring/thanos-query monitoring/thanos-store monitoring-node/node-exporter
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
umask 077
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -days "$days" -subj "/CN=monitoring stack" -keyout ca.key -out ca.crt \
    -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
field() { printf '  %s: %s\n' "$1" "$(base64 <"$2" | tr -d '\n')"; }
for part in "$@"; do
    namespace=${part%%/*} name=${part##*/}
    openssl req $key -subj "/CN=$name" -keyout tls.key -out tls.csr 2>/dev/null
    # Each part is a server, and asks others as a client; 127.0.0.1 is for those in the same pod.
    cat >extensions <<END
subjectAltName=DNS:$name.$namespace.svc,IP:127.0.0.1
extendedKeyUsage=serverAuth,clientAuth
keyUsage=critical,digitalSignature
basicConstraints=critical,CA:FALSE
END
    openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days "$days" \
        -extfile extensions -out tls.crt 2>/dev/null
    cat <<END
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: $name-tls
  namespace: $namespace
  labels:
    app.kubernetes.io/name: $name
    app.kubernetes.io/component: certificate
    app.kubernetes.io/instance: monitoring
    app.kubernetes.io/part-of: monitoring-stack
data:
END
    field ca.crt ca.crt
    field tls.crt tls.crt
    field tls.key tls.key
done
