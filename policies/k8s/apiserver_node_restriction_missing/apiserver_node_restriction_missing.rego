# METADATA
# title: Kubelets may change other nodes
# description: >-
#   The admission plugin NodeRestriction keeps a kubelet from labels that decide where pods run, and from the pods
#   of other nodes. It is off by default.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Add NodeRestriction to --enable-admission-plugins.
#   same_as: [KCV-0016]
package k8s.apiserver_node_restriction_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"enable-admission-plugins": control_plane.listed("kube-apiserver", "enable-admission-plugins")}) if {
	count(unknown) == 0
	_off
	fault := "runs without the admission plugin NodeRestriction"
}

_off if not "NodeRestriction" in control_plane.listed("kube-apiserver", "enable-admission-plugins")

_off if "NodeRestriction" in control_plane.listed("kube-apiserver", "disable-admission-plugins")

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"disable-admission-plugins", "enable-admission-plugins"}, set())

skip contains control_plane.absent("kube-apiserver")
