# METADATA
# title: etcd makes its own certificates
# description: >-
#   With --auto-tls etcd signs its own certificate, which no client can check, and asks for none.
# related_resources:
#   - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of etcd was seen, as where it runs outside of the cluster, or the control plane is managed by others.
#   remediation: Remove --auto-tls, and use certificates of an authority of your own.
#   same_as: [KCV-0044]
package k8s.etcd_auto_tls

import data.lib.control_plane

fail contains control_plane.finding("etcd", "makes its own certificate for clients", {"auto-tls": true}) if {
	count(unknown) == 0
	control_plane.switched("etcd", "auto-tls", false)
}

unknown contains reason if some reason in control_plane.untold("etcd", {"auto-tls"}, {"config-file"})

skip contains control_plane.absent("etcd")
