# METADATA
# title: API server has the plugin that admits everything
# description: >-
#   AlwaysAdmit is deprecated and has no use but to make admission look as if it were on.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwaysadmit
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Remove AlwaysAdmit from --enable-admission-plugins.
#   same_as: [KCV-0011]
package k8s.apiserver_always_admit

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"enable-admission-plugins": control_plane.listed("kube-apiserver", "enable-admission-plugins")}) if {
	"AlwaysAdmit" in control_plane.listed("kube-apiserver", "enable-admission-plugins")
	fault := "has the admission plugin AlwaysAdmit"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"enable-admission-plugins"}, set())

skip contains control_plane.absent("kube-apiserver")
