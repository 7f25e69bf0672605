# METADATA
# title: Members of etcd talk without TLS
# description: >-
#   What is written into one member goes to all others as it is: without a certificate for peers it can be read and
#   changed on the way.
# related_resources:
#   - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of etcd was seen, as where it runs outside of the cluster, or the control plane is managed by others.
#   remediation: Set --peer-cert-file and --peer-key-file.
#   same_as: [KCV-0045]
package k8s.etcd_peer_without_tls

import data.lib.control_plane

fail contains control_plane.finding("etcd", fault, control_plane.values("etcd", _flags)) if {
	count(unknown) == 0
	count(_missing) > 0
	fault := sprintf("talks to its peers without TLS: it has no %s", [concat(" and ", _missing)])
}

_missing := {sprintf("--%s", [name]) | some name in control_plane.missing("etcd", _flags)}

_flags := {"peer-cert-file", "peer-key-file"}

unknown contains reason if some reason in control_plane.untold("etcd", _flags, {"config-file"})

skip contains control_plane.absent("etcd")
