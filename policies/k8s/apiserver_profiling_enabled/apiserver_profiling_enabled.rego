# METADATA
# title: API server can be profiled over the network
# description: >-
#   Profiles tell what a program does and holds, and taking one costs it time. They are on by default, for those who
#   may ask for them.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --profiling=false.
#   same_as: [KCV-0018]
package k8s.apiserver_profiling_enabled

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", "offers profiles", {"profiling": true}) if {
	count(unknown) == 0
	control_plane.switched("kube-apiserver", "profiling", true)
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"profiling"}, set())

skip contains control_plane.absent("kube-apiserver")
