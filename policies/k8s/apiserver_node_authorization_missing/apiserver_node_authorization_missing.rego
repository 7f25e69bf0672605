# METADATA
# title: API server does not hold kubelets to their own node
# description: >-
#   The mode Node lets a kubelet read only what belongs to its own pods. Without it kubelets need wide roles, and
#   one node that is taken over reads the Secrets of all others.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/node/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --authorization-mode=Node,RBAC.
#   same_as: [KCV-0008]
package k8s.apiserver_node_authorization_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"authorization-mode": control_plane.listed("kube-apiserver", "authorization-mode")}) if {
	count(unknown) == 0
	not "Node" in control_plane.listed("kube-apiserver", "authorization-mode")
	fault := "has no authorization mode Node"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"authorization-mode"}, {"authorization-config"})

skip contains control_plane.absent("kube-apiserver")
