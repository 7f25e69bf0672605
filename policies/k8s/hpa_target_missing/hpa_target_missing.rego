# METADATA
# title: HorizontalPodAutoscaler without a target
# description: >-
#   What it names does not exist in its namespace, or cannot be scaled: a name was misspelt, an API
#   group is wrong, or the workload is gone. Nothing is scaled, and nothing says so but a condition
#   in its status.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
# custom:
#   severity: high
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   needs: [target]
#   supersedes: [hpa_not_scaling]
#   remediation: >-
#     Name a Deployment, StatefulSet or other scalable object of the same namespace in
#     spec.scaleTargetRef, with the apiVersion of its group, or delete the autoscaler.
#   same_as: [C-0300, dangling-horizontalpodautoscaler]
package k8s.hpa_target_missing

_target := input.related.target

fail contains {
	"path": "/spec/scaleTargetRef",
	"message": sprintf("It scales nothing: %s.", [_target.reason]),
	"evidence": {"scaleTargetRef": input.spec.scaleTargetRef},
} if {
	_target.exists == false
}

unknown contains sprintf("%s.", [_target.reason]) if not _known

_known if is_boolean(_target.exists)
