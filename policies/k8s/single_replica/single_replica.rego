# METADATA
# title: Workload with a single replica
# description: >-
#   A drained node, an evicted pod or a crash is an outage until the one pod runs again somewhere
#   else. What counts is the lowest number of replicas that its autoscalers leave it with, whatever
#   it runs now.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
# custom:
#   severity: medium
#   category: availability
#   kinds: [replicated]
#   needs: [replicas]
#   remediation: >-
#     Set spec.replicas to 2 or more, or minReplicas of the HorizontalPodAutoscaler; first make sure
#     that two pods of it can work side by side.
#   same_as: [deploymentMissingReplicas, minimum-three-replicas]
#   parameters:
#     minimum: {default: 2, description: The fewest replicas that will do.}
#     include_stateful_set: {default: true, description: Whether StatefulSets are judged as well.}
package k8s.single_replica

_parameters := data.parameters.single_replica

_replicas := input.related.replicas

fail contains {
	"path": "/spec/replicas",
	"message": sprintf("Its lowest number of replicas is %d%s, the minimum is %d.", [_replicas.min, _by, _parameters.minimum]),
	"evidence": {"replicas": {"min": _replicas.min, "max": _replicas.max}, "autoscalers": _autoscalers},
} if {
	_replicas.min < _parameters.minimum
	count(skip) == 0
}

skip contains "It is scaled to 0, or its autoscaler may do so." if _replicas.min == 0

skip contains "StatefulSets are left out by the parameter include_stateful_set." if {
	not _parameters.include_stateful_set
	input.meta.kind == "StatefulSet"
}

_autoscalers := [one.name | some one in _replicas.autoscalers.items]

_by := sprintf(", by HorizontalPodAutoscaler %s", [concat(", ", _autoscalers)]) if {
	count(_autoscalers) > 0
} else := ""
