# METADATA
# title: Scheduler answers on every address of its node
# description: >-
#   Its health, metrics and profiles are for programs of the same node and for those who scrape it on purpose. By
#   default the whole network reaches them.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the scheduler was seen, as where the control plane is managed by others.
#   remediation: Set --bind-address=127.0.0.1.
#   same_as: [KCV-0041]
package k8s.scheduler_exposed

import data.lib.control_plane

fail contains control_plane.finding("kube-scheduler", fault, {"bind-address": _address}) if {
	count(unknown) == 0
	not _address in {"127.0.0.1", "::1", "localhost"}
	fault := sprintf("answers on %s", [_address])
}

_address := object.get(control_plane.values("kube-scheduler", {"bind-address"}), "bind-address", "0.0.0.0")

unknown contains reason if some reason in control_plane.untold("kube-scheduler", {"bind-address"}, {"config"})

skip contains control_plane.absent("kube-scheduler")
