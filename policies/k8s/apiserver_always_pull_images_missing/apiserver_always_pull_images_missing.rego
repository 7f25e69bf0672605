# METADATA
# title: Images of a node can be used by everybody on it
# description: >-
#   Without the admission plugin AlwaysPullImages a pod that names an image which is on its node already runs it,
#   whether it may pull it or not.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Add AlwaysPullImages to --enable-admission-plugins.
#   same_as: [KCV-0012]
package k8s.apiserver_always_pull_images_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"enable-admission-plugins": control_plane.listed("kube-apiserver", "enable-admission-plugins")}) if {
	count(unknown) == 0
	_off
	fault := "runs without the admission plugin AlwaysPullImages"
}

_off if not "AlwaysPullImages" in control_plane.listed("kube-apiserver", "enable-admission-plugins")

_off if "AlwaysPullImages" in control_plane.listed("kube-apiserver", "disable-admission-plugins")

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"disable-admission-plugins", "enable-admission-plugins"}, set())

skip contains control_plane.absent("kube-apiserver")
