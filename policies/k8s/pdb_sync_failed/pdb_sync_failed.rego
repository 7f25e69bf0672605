# METADATA
# title: PodDisruptionBudget that the controller cannot work out
# description: >-
#   A percentage, or maxUnavailable, is a share of what the owners of the pods ask for, and the
#   controller asks for that by the scale subresource. DaemonSets, Jobs and many kinds of operators
#   have none: then it allows no eviction of any pod of the budget, for ever.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors
# custom:
#   severity: high
#   category: availability
#   kinds: [PodDisruptionBudget]
#   needs: [covered]
#   supersedes: [pdb_blocks_all_evictions, pdb_budget_unreachable, pdb_disruptions_exhausted]
#   remediation: >-
#     Use an integer minAvailable, which needs no scale, or a selector that leaves out the pods whose
#     owners have none.
package k8s.pdb_sync_failed

_covered := input.related.covered

fail contains {
	"path": concat("/", array.concat(["/spec"], [name | some name in _shares; input.spec[name]])),
	"message": sprintf("%s, so it allows no eviction.", [_why]),
	"evidence": {"unscaled": _covered.unscaled, "failed": object.get(_covered, "failed", null)},
}

_shares := ["minAvailable", "maxUnavailable"]

_why := sprintf("The disruption controller cannot work it out, %s", [reason]) if {
	reason := _covered.failed
} else := sprintf("It is a share of what owners ask for, and %s has no scale", [concat(", ", names)]) if {
	names := [sprintf("%s %s", [owner.kind, owner.name]) | some owner in _covered.unscaled.items]
	count(names) > 0
}
