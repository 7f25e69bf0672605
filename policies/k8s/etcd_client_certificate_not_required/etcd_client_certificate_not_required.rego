# METADATA
# title: etcd answers everybody
# description: >-
#   Without --client-cert-auth whoever reaches the port of etcd reads and writes all that the cluster knows, past
#   every rule of the API server.
# related_resources:
#   - ref: https://etcd.io/docs/latest/op-guide/security/
# custom:
#   severity: critical
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of etcd was seen, as where it runs outside of the cluster, or the control plane is managed by others.
#   remediation: Set --client-cert-auth=true, with --trusted-ca-file.
#   same_as: [KCV-0043]
package k8s.etcd_client_certificate_not_required

import data.lib.control_plane

fail contains control_plane.finding("etcd", "asks clients for no certificate", {"client-cert-auth": false}) if {
	count(unknown) == 0
	not control_plane.switched("etcd", "client-cert-auth", false)
}

unknown contains reason if some reason in control_plane.untold("etcd", {"client-cert-auth"}, {"config-file"})

skip contains control_plane.absent("etcd")
