# METADATA
# title: Replicas share a claim that one node alone may mount
# description: >-
#   All pods of a Deployment have the same claim. One with the mode ReadWriteOnce is mounted on one node at a time:
#   pods elsewhere wait for it and never start, and two on the same node write into the same files.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
# custom:
#   severity: medium
#   category: stack
#   kinds: [Deployment, ReplicaSet, ReplicationController]
#   needs: [replicas]
#   excuses: [volume_claims]
#   remediation: >-
#     Use a StatefulSet with volumeClaimTemplates, which gives each replica a claim of its own, or a volume with the
#     mode ReadWriteMany.
package k8s.read_write_once_claim_shared

_shared if input.related.replicas.max > 1

_claims[claim] := i if {
	some i, volume in input.pod.spec.volumes
	claim := volume.persistentVolumeClaim.claimName
	_shared
}

_modes[item.name] := item.accessModes if some item in input.related.volume_claims.items

fail contains {
	"path": sprintf("%s/volumes/%d", [input.pod.path, i]),
	"message": sprintf("Up to %d replicas share claim %s, which one node alone may mount.", [input.related.replicas.max, claim]),
	"evidence": {"claim": claim, "accessModes": modes, "replicas": input.related.replicas.max},
} if {
	some claim, i in _claims
	modes := _modes[claim]
	every mode in modes {
		not mode in {"ReadWriteMany", "ReadOnlyMany"}
	}
}

skip contains "It has no claims, or one replica at most." if count(_claims) == 0

unknown contains sprintf("Which nodes may mount claim %s is not known.", [claim]) if {
	some claim, _ in _claims
	not _modes[claim]
}
