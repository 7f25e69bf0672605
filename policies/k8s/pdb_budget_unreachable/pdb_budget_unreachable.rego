# METADATA
# title: PodDisruptionBudget that no number of healthy pods satisfies
# description: >-
#   Even with every pod healthy, the budget lets none of them go: it asks for as many as there are.
#   Percentages round up, so 90% of 3 pods are 3. A drain of a node with such a pod hangs until it is
#   killed. What counts is the lowest number of replicas that autoscalers leave.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
# custom:
#   severity: high
#   category: availability
#   kinds: [PodDisruptionBudget]
#   needs: [covered]
#   supersedes: [pdb_disruptions_exhausted]
#   remediation: >-
#     Set maxUnavailable to 1, which lets one pod go at any number of replicas, or lower minAvailable
#     below the lowest number of replicas.
#   same_as: [pdbMinAvailableGreaterThanHPAMinReplicas, pdb-min-available]
package k8s.pdb_budget_unreachable

_covered := input.related.covered

_budget := _covered.budget

fail contains {
	"path": concat("/", array.concat(["/spec"], _field)),
	"message": sprintf("With %d pods, the fewest there may be, %s: none may be evicted.%s", [_budget.healthy, _rule, _way_out]),
	"evidence": {"budget": _budget, "owners": _covered.owners, "bare": _covered.bare},
} if {
	_budget.allowed == 0
}

skip contains "The disruption controller cannot work on it at all." if _failing

skip contains "There is no pod to evict." if {
	not _budget
	not _covered.unknown
	not _failing
}

unknown contains _covered.unknown if not _failing

_failing if _covered.unscaled.total > 0

_failing if _covered.failed

_field := [name | some name in ["minAvailable", "maxUnavailable"]; name in object.keys(input.spec)]

_rule := "their owners ask for 0" if {
	_budget.expected == 0
} else := sprintf("%s %v of %d asks for %d healthy ones", [name, input.spec[name], _budget.expected, _budget.desired]) if {
	some name in _field
}

_way_out := sprintf(" From %d replicas on one may.", [enough]) if {
	enough := _budget.enough
} else := ""
