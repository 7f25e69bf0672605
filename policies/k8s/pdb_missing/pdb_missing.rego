# METADATA
# title: Workload without a PodDisruptionBudget
# description: >-
#   Nothing keeps a drain of several nodes, or an autoscaler of nodes, from evicting all pods of it
#   at once. A budget belongs to it as soon as it has two replicas; with one it would only block
#   drains.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   severity: medium
#   category: availability
#   kinds: [replicated]
#   needs: [replicas, disruption_budgets]
#   remediation: >-
#     Create a PodDisruptionBudget in its namespace with maxUnavailable 1, unhealthyPodEvictionPolicy
#     AlwaysAllow, and a selector that matches the labels of its pod template.
#   same_as: [missingPodDisruptionBudget, POP-206]
package k8s.pdb_missing

fail contains {
	"path": "/spec/replicas",
	"message": sprintf("It has %d replicas or more, and no PodDisruptionBudget selects its pods.", [low]),
	"evidence": {"replicas": {"min": low, "max": input.related.replicas.max}},
} if {
	input.related.disruption_budgets.total == 0
	low := input.related.replicas.min
	low >= 2
}

skip contains "It may have fewer than 2 replicas: a budget would only block drains." if {
	input.related.replicas.min < 2
}
