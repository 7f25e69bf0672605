module auditor.dev/tests/stack/definitions

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.19.1
	github.com/envoyproxy/gateway v1.7.0
	github.com/kubernetes-csi/external-snapshotter/client/v8 v8.7.0
	github.com/traefik/traefik/v3 v3.5.0
	sigs.k8s.io/gateway-api v1.4.1
)
