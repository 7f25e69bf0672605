# METADATA
# title: Two HorizontalPodAutoscalers for the same pods
# description: >-
#   The controller refuses to scale pods that two autoscalers want to scale: both stop, with the
#   reason AmbiguousSelector. One made by hand beside that of a KEDA ScaledObject is the usual cause;
#   another are two workloads with overlapping selectors.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   severity: high
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   needs: [rivals]
#   supersedes: [hpa_not_scaling]
#   remediation: >-
#     Delete one of the two and give the other the metrics of both; where the selectors of two targets
#     overlap, give their pods labels of their own.
package k8s.hpa_duplicate_target

# once for each pair, at the one whose name sorts first
fail contains {
	"path": "/spec/scaleTargetRef",
	"key": rival.name,
	"message": sprintf("HorizontalPodAutoscaler %s scales the same pods, by %s.", [rival.name, rival.target]),
	"evidence": {"autoscaler": rival.name, "target": rival.target, "pods": rival.pods, "names": rival.names},
	"related": [{"kind": "HorizontalPodAutoscaler", "namespace": input.meta.namespace, "name": rival.name}],
} if {
	some rival in input.related.rivals.items
	rival.name > input.meta.name
}
