# METADATA
# title: Admission plugins that are on by default are off
# description: >-
#   ServiceAccount gives pods their own identity, NamespaceLifecycle keeps objects out of namespaces that end,
#   PodSecurity enforces the level of a namespace: each was turned off by hand.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Remove the plugins from --disable-admission-plugins.
#   same_as: [KCV-0014, KCV-0015]
package k8s.apiserver_default_admission_disabled

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"disable-admission-plugins": _off}) if {
	count(_off) > 0
	fault := sprintf("has turned off %s", [concat(" and ", _off)])
}

_off := {"ServiceAccount", "NamespaceLifecycle", "PodSecurity"} & control_plane.listed("kube-apiserver", "disable-admission-plugins")

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"disable-admission-plugins"}, set())

skip contains control_plane.absent("kube-apiserver")
