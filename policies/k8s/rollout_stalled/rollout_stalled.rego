# METADATA
# title: Rollout that does not get on
# description: >-
#   What runs is not what is declared, and the controller has given up waiting: new pods do not become
#   ready, or cannot even be created. The next drain may take the old ones away.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
# custom:
#   severity: medium
#   category: availability
#   kinds: [Deployment, ReplicaSet, ReplicationController]
#   needs: [now]
#   remediation: >-
#     Follow the message: roll back, or make room for the new pods (image, quota, admission, nodes,
#     readiness).
#   parameters:
#     persisted: {default: 15m, description: How long pods must have failed to be created., pattern: '([0-9]+[smh])+'}
package k8s.rollout_stalled

import data.lib.age

fail contains {
	"path": "/spec",
	"key": condition.type,
	"message": sprintf("%s since %s: %s", [condition.reason, condition.lastTransitionTime, condition.message]),
	"evidence": {"reason": condition.reason, "since": condition.lastTransitionTime},
} if {
	some condition in input.status.conditions
	_stalled(condition)
}

# it has waited for spec.progressDeadlineSeconds already
_stalled(condition) if {
	condition.type == "Progressing"
	condition.reason == "ProgressDeadlineExceeded"
}

_stalled(condition) if {
	condition.type == "ReplicaFailure"
	condition.status == "True"
	age.older(condition.lastTransitionTime, data.parameters.rollout_stalled.persisted)
}
