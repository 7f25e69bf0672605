# METADATA
# title: API server does not log in at kubelets
# description: >-
#   Without a certificate of its own the API server asks kubelets as nobody in particular, and they have to answer
#   everybody to answer it.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --kubelet-client-certificate and --kubelet-client-key.
#   same_as: [KCV-0005]
package k8s.apiserver_kubelet_client_certificate_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, control_plane.values("kube-apiserver", _flags)) if {
	count(unknown) == 0
	count(_missing) > 0
	fault := sprintf("asks kubelets without a certificate: it has no %s", [concat(" and ", _missing)])
}

_missing := {sprintf("--%s", [name]) | some name in control_plane.missing("kube-apiserver", _flags)}

_flags := {"kubelet-client-certificate", "kubelet-client-key"}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", _flags, set())

skip contains control_plane.absent("kube-apiserver")
