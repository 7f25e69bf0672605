# METADATA
# title: Events are not limited
# description: >-
#   Whoever may write Events can fill etcd with them and keep the API server busy. The admission plugin
#   EventRateLimit, which needs a file of its own, slows them down.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Add EventRateLimit to --enable-admission-plugins.
#   same_as: [KCV-0010]
package k8s.apiserver_event_rate_limit_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"enable-admission-plugins": control_plane.listed("kube-apiserver", "enable-admission-plugins")}) if {
	count(unknown) == 0
	_off
	fault := "runs without the admission plugin EventRateLimit"
}

_off if not "EventRateLimit" in control_plane.listed("kube-apiserver", "enable-admission-plugins")

_off if "EventRateLimit" in control_plane.listed("kube-apiserver", "disable-admission-plugins")

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"disable-admission-plugins", "enable-admission-plugins"}, set())

skip contains control_plane.absent("kube-apiserver")
