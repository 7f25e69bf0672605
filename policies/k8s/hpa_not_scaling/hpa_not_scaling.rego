# METADATA
# title: HorizontalPodAutoscaler that does not scale
# description: >-
#   Its conditions say since a while that it cannot read its metrics, or cannot change its target. The
#   number of replicas stays as it is, however the load rises. A target that is scaled to 0 on purpose
#   is none of that.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#appendix-horizontal-pod-autoscaler-status-conditions
# custom:
#   severity: high
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   needs: [now]
#   remediation: >-
#     Follow the message of the condition; most often metrics-server is missing, a metric does not
#     exist, or the pods are not ready.
#   parameters:
#     persisted: {default: 15m, description: How long the condition must have been false., pattern: '([0-9]+[smh])+'}
#     unseen: {default: 10m, description: How old an autoscaler without conditions must be., pattern: '([0-9]+[smh])+'}
package k8s.hpa_not_scaling

import data.lib.age

_parameters := data.parameters.hpa_not_scaling

fail contains {
	"path": "/spec",
	"key": condition.type,
	"message": sprintf("%s is false since %s, %s: %s", [
		condition.type,
		condition.lastTransitionTime,
		condition.reason,
		condition.message,
	]),
	"evidence": {"reason": condition.reason, "since": condition.lastTransitionTime},
} if {
	some condition in input.status.conditions
	condition.status == "False"
	condition.type in {"ScalingActive", "AbleToScale"}
	condition.reason != "ScalingDisabled"
	age.older(condition.lastTransitionTime, _parameters.persisted)
}

fail contains {
	"path": "/spec",
	"key": "unseen",
	"message": "The controller has not looked at it yet: it has no conditions.",
	"evidence": {"created": input.meta.created},
} if {
	count(object.get(input.status, "conditions", [])) == 0
	age.older(input.meta.created, _parameters.unseen)
}
