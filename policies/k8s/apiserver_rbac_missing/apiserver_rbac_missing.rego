# METADATA
# title: API server does not ask RBAC
# description: >-
#   Roles and bindings are without effect where the mode RBAC is not on: what they seem to forbid is decided
#   elsewhere, or not at all.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --authorization-mode=Node,RBAC.
#   same_as: [KCV-0009]
package k8s.apiserver_rbac_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"authorization-mode": control_plane.listed("kube-apiserver", "authorization-mode")}) if {
	count(unknown) == 0
	not "RBAC" in control_plane.listed("kube-apiserver", "authorization-mode")
	fault := "has no authorization mode RBAC"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"authorization-mode"}, {"authorization-config"})

skip contains control_plane.absent("kube-apiserver")
