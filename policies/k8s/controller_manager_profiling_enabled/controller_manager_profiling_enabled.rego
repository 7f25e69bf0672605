# METADATA
# title: Controller manager can be profiled over the network
# description: >-
#   Profiles tell what a program does and holds, and taking one costs it time. They are on by default, for those who
#   may ask for them.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the controller manager was seen, as where the control plane is managed by others.
#   remediation: Set --profiling=false.
#   same_as: [KCV-0034]
package k8s.controller_manager_profiling_enabled

import data.lib.control_plane

fail contains control_plane.finding("kube-controller-manager", "offers profiles", {"profiling": true}) if {
	count(unknown) == 0
	control_plane.switched("kube-controller-manager", "profiling", true)
}

unknown contains reason if some reason in control_plane.untold("kube-controller-manager", {"profiling"}, set())

skip contains control_plane.absent("kube-controller-manager")
