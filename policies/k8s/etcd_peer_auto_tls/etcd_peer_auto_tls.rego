# METADATA
# title: Members of etcd make their own certificates
# description: >-
#   With --peer-auto-tls every member signs its own certificate, which no other can check.
# related_resources:
#   - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of etcd was seen, as where it runs outside of the cluster, or the control plane is managed by others.
#   remediation: Remove --peer-auto-tls, and use certificates of an authority of your own.
#   same_as: [KCV-0047]
package k8s.etcd_peer_auto_tls

import data.lib.control_plane

fail contains control_plane.finding("etcd", "makes its own certificate for peers", {"peer-auto-tls": true}) if {
	count(unknown) == 0
	control_plane.switched("etcd", "peer-auto-tls", false)
}

unknown contains reason if some reason in control_plane.untold("etcd", {"peer-auto-tls"}, {"config-file"})

skip contains control_plane.absent("etcd")
