# METADATA
# title: Replicas that may all run on one node
# description: >-
#   Neither a topology spread constraint nor an anti-affinity of its own keeps its replicas apart. The
#   scheduler's default spreads them where it can, but nothing asks it to: one node that fails may take
#   all of them along.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
# custom:
#   severity: [low, medium]
#   category: availability
#   kinds: [replicated]
#   needs: [replicas]
#   remediation: >-
#     Add topologySpreadConstraints over kubernetes.io/hostname, with a labelSelector that matches the
#     labels of the pod template.
#   same_as: [topologySpreadConstraint, no-anti-affinity]
#   parameters:
#     strict: {default: false, description: Whether findings are medium instead of low.}
package k8s.replicas_not_spread

import data.lib.label_selector

_topologies := {
	"kubernetes.io/hostname",
	"topology.kubernetes.io/zone",
	"failure-domain.beta.kubernetes.io/zone",
}

fail contains {
	"path": input.pod.path,
	"severity": ["low", "medium"][to_number(data.parameters.replicas_not_spread.strict)],
	"message": sprintf("Nothing keeps its %d replicas or more on different nodes.", [input.related.replicas.min]),
	"evidence": {"labels": input.pod.labels},
} if {
	input.related.replicas.min >= 2
	not _spread
}

skip contains "It may have fewer than 2 replicas." if input.related.replicas.min < 2

_spread if {
	some constraint in input.pod.spec.topologySpreadConstraints
	label_selector.selects(constraint.labelSelector, input.pod.labels)
}

_spread if {
	apart := input.pod.spec.affinity.podAntiAffinity
	required := object.get(apart, "requiredDuringSchedulingIgnoredDuringExecution", [])
	wished := [one.podAffinityTerm | some one in apart.preferredDuringSchedulingIgnoredDuringExecution]
	some term in array.concat(required, wished)
	term.topologyKey in _topologies
	label_selector.selects(term.labelSelector, input.pod.labels)
}
