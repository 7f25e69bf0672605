# METADATA
# title: API server allows everybody everything
# description: >-
#   With the mode AlwaysAllow, which is the default where no mode is given, every request that gets past
#   authentication is allowed, those of nobody in particular too.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/authorization/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: critical
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --authorization-mode=Node,RBAC.
#   same_as: [KCV-0007]
package k8s.apiserver_authorizes_everything

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"authorization-mode": control_plane.listed("kube-apiserver", "authorization-mode")}) if {
	count(unknown) == 0
	_everything
	fault := "allows every request"
}

_everything if "AlwaysAllow" in control_plane.listed("kube-apiserver", "authorization-mode")

_everything if count(control_plane.listed("kube-apiserver", "authorization-mode")) == 0

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"authorization-mode"}, {"authorization-config"})

skip contains control_plane.absent("kube-apiserver")
