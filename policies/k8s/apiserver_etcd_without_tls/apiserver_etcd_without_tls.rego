# METADATA
# title: API server talks to etcd without TLS
# description: >-
#   Everything that the cluster knows, Secrets too, goes between the API server and etcd: without certificates on
#   both sides it can be read on the way, or asked for by others.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --etcd-cafile, --etcd-certfile and --etcd-keyfile.
#   same_as: [KCV-0026, KCV-0029]
package k8s.apiserver_etcd_without_tls

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, control_plane.values("kube-apiserver", _flags)) if {
	count(unknown) == 0
	count(_missing) > 0
	fault := sprintf("does not use TLS on both sides with etcd: it has no %s", [concat(" and ", _missing)])
}

_missing := {sprintf("--%s", [name]) | some name in control_plane.missing("kube-apiserver", _flags)}

_flags := {"etcd-cafile", "etcd-certfile", "etcd-keyfile"}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", _flags, set())

skip contains control_plane.absent("kube-apiserver")
