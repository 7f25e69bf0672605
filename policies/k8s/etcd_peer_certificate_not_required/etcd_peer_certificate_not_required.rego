# METADATA
# title: Anybody can join etcd
# description: >-
#   Without --peer-client-cert-auth whoever reaches the port for peers can become one, and is sent everything.
# related_resources:
#   - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of etcd was seen, as where it runs outside of the cluster, or the control plane is managed by others.
#   remediation: Set --peer-client-cert-auth=true, with --peer-trusted-ca-file.
#   same_as: [KCV-0046]
package k8s.etcd_peer_certificate_not_required

import data.lib.control_plane

fail contains control_plane.finding("etcd", fault, {"peer-client-cert-auth": false}) if {
	count(unknown) == 0
	not control_plane.switched("etcd", "peer-client-cert-auth", false)
	fault := "asks peers for no certificate"
}

unknown contains reason if some reason in control_plane.untold("etcd", {"peer-client-cert-auth"}, {"config-file"})

skip contains control_plane.absent("etcd")
