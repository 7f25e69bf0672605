# METADATA
# title: Pods under two PodDisruptionBudgets
# description: >-
#   The eviction API knows one budget for a pod. For a pod under two it answers with an internal
#   error, whatever the budgets allow, and a drain of its node never ends.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works
# custom:
#   severity: high
#   category: availability
#   kinds: [PodDisruptionBudget]
#   needs: [covered]
#   remediation: >-
#     Make the selectors of the two budgets disjoint, or delete one of them; the selector {} selects
#     every pod of the namespace.
package k8s.pdb_overlap

# once for each pair, at the one whose name sorts first
fail contains {
	"path": "/spec/selector",
	"key": other.name,
	"message": sprintf("PodDisruptionBudget %s selects pods of %s too.", [other.name, concat(", ", other.owners)]),
	"evidence": {"budget": other.name, "pods": other.pods, "names": other.names, "owners": other.owners},
	"related": [{"kind": "PodDisruptionBudget", "namespace": input.meta.namespace, "name": other.name}],
} if {
	some other in input.related.covered.budgets.items
	other.name > input.meta.name
}
