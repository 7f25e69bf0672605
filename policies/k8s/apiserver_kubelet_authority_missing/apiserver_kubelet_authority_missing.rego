# METADATA
# title: API server talks to any kubelet
# description: >-
#   Without an authority for the certificates of kubelets somebody between the API server and a node can answer in
#   the kubelet's place, and sees what exec and logs carry.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --kubelet-certificate-authority, and let kubelets have serving certificates that it signs.
#   same_as: [KCV-0006]
package k8s.apiserver_kubelet_authority_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {}) if {
	count(unknown) == 0
	count(control_plane.missing("kube-apiserver", {"kubelet-certificate-authority"})) == 1
	fault := "does not check who a kubelet is: it has no --kubelet-certificate-authority"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"kubelet-certificate-authority"}, set())

skip contains control_plane.absent("kube-apiserver")
