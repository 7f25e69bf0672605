# METADATA
# title: PodDisruptionBudget that blocks every eviction
# description: >-
#   Draining a node evicts its pods, and the eviction API refuses while the budget allows none. This
#   one never will, however many pods run: upgrades and scale-downs of nodes hang until somebody
#   deletes the pods or the budget by hand.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   severity: high
#   category: availability
#   kinds: [PodDisruptionBudget]
#   supersedes: [pdb_budget_unreachable, pdb_disruptions_exhausted]
#   remediation: >-
#     Set maxUnavailable to 1, or minAvailable to less than there are replicas. Where an operator lifts
#     the budget itself before a drain, waive the finding and say so.
#   same_as: [pdbDisruptionsIsZero, pdb-max-unavailable, pdb-min-available]
package k8s.pdb_blocks_all_evictions

import data.lib.rollout

fail contains {
	"path": concat("/", array.concat(["/spec"], field)),
	"message": sprintf("Budget %s lets no pod be evicted: %s.", [input.meta.name, says]),
	"evidence": object.filter(input.spec, ["maxUnavailable", "minAvailable"]),
} if {
	[field, says] := _fault
	input.spec.selector
}

_fault := [["maxUnavailable"], sprintf("maxUnavailable is %v", [input.spec.maxUnavailable])] if {
	_nothing(input.spec.maxUnavailable)
} else := [["minAvailable"], sprintf("minAvailable is %v", [input.spec.minAvailable])] if {
	rollout.percent(input.spec.minAvailable) >= 100
} else := [[], "it has neither maxUnavailable nor minAvailable"] if {
	not _has("maxUnavailable")
	not _has("minAvailable")
}

_nothing(0)

_nothing(value) if rollout.percent(value) == 0

_has(field) if field in object.keys(input.spec)

# in policy/v1 a missing selector is none, an empty one is all
skip contains "It has no selector, so there is nothing that it could protect." if not input.spec.selector
