# METADATA
# title: Secrets lie in etcd as they are
# description: >-
#   Without --encryption-provider-config the API server writes Secrets into etcd in clear text: every backup and
#   every disk of it has them. What the file says is not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: >-
#     Set --encryption-provider-config to a file that encrypts Secrets, at best through a key management service.
#   same_as: [KCV-0030]
package k8s.apiserver_encryption_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {}) if {
	count(unknown) == 0
	count(control_plane.missing("kube-apiserver", {"encryption-provider-config"})) == 1
	fault := "does not encrypt what it writes into etcd: it has no --encryption-provider-config"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"encryption-provider-config"}, set())

skip contains control_plane.absent("kube-apiserver")
