# METADATA
# title: PodDisruptionBudget that selects nothing
# description: >-
#   Its selector matches no pod and no pod template of its namespace, so it protects nothing, however
#   well it looks: a label was misspelt, or what it was written for is gone. A template that has no
#   pods at the moment counts.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget
# custom:
#   severity: medium
#   category: availability
#   kinds: [PodDisruptionBudget]
#   needs: [covered]
#   remediation: Select the labels of the pods that it shall protect in spec.selector, or delete it.
package k8s.pdb_selects_nothing

_covered := input.related.covered

fail contains {
	"path": "/spec",
	"message": "It has no selector, and without one it selects nothing.",
	"evidence": {},
} if {
	not input.spec.selector
}

fail contains {
	"path": "/spec/selector",
	"message": sprintf("Its selector is invalid: %s.", [_covered.invalid]),
	"evidence": {"selector": input.spec.selector},
}

fail contains {
	"path": "/spec/selector",
	"message": "Its selector matches no pod and no pod template of its namespace.",
	"evidence": {"selector": input.spec.selector},
} if {
	_covered.owners.total + _covered.bare == 0
	not _covered.invalid

	# pods that have finished are not judged, but selected
	not _covered.expected
	not _covered.failed
}
