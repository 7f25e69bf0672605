# METADATA
# title: PodDisruptionBudget that protects pods that are not ready
# description: >-
#   By default a pod that runs but is not ready may only be evicted while the rest of the budget is
#   met. A workload that is broken anyway, by a crash loop or a wrong setting, then blocks every drain
#   of its nodes until somebody repairs it.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
# custom:
#   severity: low
#   category: availability
#   kinds: [PodDisruptionBudget]
#   remediation: >-
#     Set unhealthyPodEvictionPolicy to AlwaysAllow. Keep the default where a pod that is not ready may
#     hold the last copy of some data, as in stores that need a quorum.
#   same_as: [pdb-unhealthy-pod-eviction-policy]
#   parameters:
#     exempt_labels:
#       default: []
#       description: Labels of budgets that may keep the default, as name or name=value.
package k8s.pdb_unhealthy_policy_default

import data.lib.cluster

fail contains {
	"path": "/spec/unhealthyPodEvictionPolicy",
	"message": sprintf("Budget %s protects pods that are not ready: its policy for them is %s.", [input.meta.name, policy]),
	"evidence": {"unhealthyPodEvictionPolicy": policy},
} if {
	policy := object.get(input.spec, "unhealthyPodEvictionPolicy", "IfHealthyBudget")
	policy != "AlwaysAllow"
	count(skip) == 0
}

skip contains sprintf("The field is there since v1.27; this cluster is v1.%d.", [cluster.minor]) if cluster.minor < 27

skip contains sprintf("Its label %s exempts it.", [exempt]) if {
	some exempt in data.parameters.pdb_unhealthy_policy_default.exempt_labels
	some name, value in input.meta.labels
	exempt in {name, concat("=", [name, value])}
}
