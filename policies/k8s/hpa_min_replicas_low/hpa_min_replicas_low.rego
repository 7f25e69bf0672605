# METADATA
# title: HorizontalPodAutoscaler that may go down to one replica
# description: >-
#   In quiet hours the autoscaler takes away all but minReplicas, which is 1 unless somebody sets it.
#   With a single pod every drain, crash and rollout is an outage, and at the wrong time.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
# custom:
#   severity: low
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   supersedes: [hpa_range_empty]
#   remediation: Set minReplicas to 2 or more, and maxReplicas to more than that.
#   same_as: [hpaMinAvailability, hpa-minimum-three-replicas]
#   parameters:
#     minimum: {default: 2, description: The lowest minReplicas that will do.}
package k8s.hpa_min_replicas_low

_minimum := data.parameters.hpa_min_replicas_low.minimum

fail contains object.union(
	{
		"path": "/spec/minReplicas",
		"message": sprintf("Autoscaler %s may go down to minReplicas %d.", [input.meta.name, input.spec.minReplicas]),
		"evidence": {"minReplicas": input.spec.minReplicas, "maxReplicas": input.spec.maxReplicas},
	},
	_patch,
) if {
	input.spec.minReplicas < _minimum
	input.spec.minReplicas > 0
}

# the range stays valid
_patch := {"patch": [{"op": "add", "path": "/spec/minReplicas", "value": _minimum}]} if {
	input.spec.maxReplicas >= _minimum
} else := {}

skip contains "It goes down to none on purpose." if input.spec.minReplicas == 0
