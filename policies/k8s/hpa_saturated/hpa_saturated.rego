# METADATA
# title: HorizontalPodAutoscaler at its maximum for long
# description: >-
#   It would run more replicas than it may, and does so since hours: the next rise of the load meets
#   no more capacity.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#appendix-horizontal-pod-autoscaler-status-conditions
# custom:
#   severity: medium
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   needs: [now]
#   remediation: Raise spec.maxReplicas, or give each replica more to work with.
#   parameters:
#     persisted: {default: 6h, description: How long it must have been at its maximum., pattern: '([0-9]+[smh])+'}
package k8s.hpa_saturated

import data.lib.age

fail contains {
	"path": "/spec/maxReplicas",
	"message": sprintf("It runs at its maximum of %d replicas since %s, and would run more.", [
		input.spec.maxReplicas,
		condition.lastTransitionTime,
	]),
	"evidence": {"replicas": input.status.currentReplicas, "since": condition.lastTransitionTime},
} if {
	count(skip) == 0
	input.status.currentReplicas >= input.spec.maxReplicas
	some condition in input.status.conditions
	condition.type == "ScalingLimited"
	condition.status == "True"
	condition.reason == "TooManyReplicas"
	age.older(condition.lastTransitionTime, data.parameters.hpa_saturated.persisted)
}

skip contains "Its range is empty: it never scales." if input.spec.minReplicas == input.spec.maxReplicas
