# METADATA
# title: Deployment that stops before it starts
# description: >-
#   With the strategy Recreate all pods end before the first new one starts: every release is an
#   outage, and as long as its pods take to become ready. A volume that one node alone may mount leaves
#   no choice.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment
# custom:
#   severity: low
#   category: availability
#   kinds: [Deployment]
#   needs: [replicas]
#   excuses: [volume_claims]
#   remediation: Set spec.strategy.type to RollingUpdate, if two versions of it can work side by side.
#   same_as: [C-0305, no-rolling-update-strategy]
package k8s.rollout_recreate

fail contains {
	"path": "/spec/strategy/type",
	"message": "Every release stops all of its pods before it starts a new one.",
	"evidence": {"strategy": "Recreate", "replicas": input.related.replicas.max},
	"patch": [{"op": "replace", "path": "/spec/strategy", "value": {"type": "RollingUpdate"}}],
} if {
	_recreated
	_alone == set()
	_unread == set()
}

skip contains "It has one replica at most." if input.related.replicas.max <= 1

skip contains "It has a volume that one node alone may mount." if {
	_recreated
	_alone != set()
}

unknown contains sprintf("Whether another node may mount the claim %s is not known.", [claim]) if {
	_recreated
	_alone == set()
	some claim in _unread
}

_recreated if {
	input.spec.strategy.type == "Recreate"
	input.related.replicas.max > 1
}

_claims := {claim | some volume in input.pod.spec.volumes; claim := volume.persistentVolumeClaim.claimName}

_modes[item.name] contains mode if {
	some item in input.related.volume_claims.items
	some mode in item.accessModes
}

_unread := _claims - object.keys(_modes)

_alone := {claim |
	some claim in _claims
	count(_modes[claim] - {"ReadWriteMany", "ReadOnlyMany"}) == count(_modes[claim])
}
