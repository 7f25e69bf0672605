# METADATA
# title: API server takes no client certificates
# description: >-
#   Without --client-ca-file kubelets and the other components of the control plane cannot log in by certificates,
#   and have to use something weaker.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --client-ca-file to the authority that signs the certificates of clients.
#   same_as: [KCV-0028]
package k8s.apiserver_client_authority_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", "takes no client certificates: it has no --client-ca-file", {}) if {
	count(unknown) == 0
	count(control_plane.missing("kube-apiserver", {"client-ca-file"})) == 1
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"client-ca-file"}, set())

skip contains control_plane.absent("kube-apiserver")
