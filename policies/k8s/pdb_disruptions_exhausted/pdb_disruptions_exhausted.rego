# METADATA
# title: PodDisruptionBudget without a disruption left for long
# description: >-
#   No pod of it may be evicted right now, and not since a while: too few of them are healthy. A drain
#   waits for as long as that lasts.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#check-the-status-of-the-pdb
# custom:
#   severity: medium
#   category: availability
#   kinds: [PodDisruptionBudget]
#   needs: [now]
#   remediation: Find out why pods of it are not ready, and bring them back, or ask for fewer healthy ones.
#   parameters:
#     persisted: {default: 1h, description: How long no disruption must have been left., pattern: '([0-9]+[smh])+'}
package k8s.pdb_disruptions_exhausted

import data.lib.age

fail contains {
	"path": "/spec",
	"message": sprintf("No pod may be evicted since %s: %d of %d pods are healthy, %d are asked for.", [
		condition.lastTransitionTime,
		input.status.currentHealthy,
		input.status.expectedPods,
		input.status.desiredHealthy,
	]),
	"evidence": {
		"since": condition.lastTransitionTime,
		"healthy": input.status.currentHealthy,
		"desired": input.status.desiredHealthy,
		"expected": input.status.expectedPods,
	},
} if {
	input.status.disruptionsAllowed == 0
	input.status.expectedPods > 0
	input.status.observedGeneration == input.meta.generation
	some condition in input.status.conditions
	condition.type == "DisruptionAllowed"
	condition.reason == "InsufficientPods"
	age.older(condition.lastTransitionTime, data.parameters.pdb_disruptions_exhausted.persisted)
}
