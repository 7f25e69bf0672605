# METADATA
# title: Data is deleted with its claim
# description: >-
#   A PersistentVolume whose reclaim policy is Delete goes with its claim, and the disk behind it too: what
#   is deleted by mistake is lost. Dynamic volumes inherit the policy of their class, by default Delete.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/
# custom:
#   severity: medium
#   category: retention
#   kinds: [long_running]
#   needs: [volume_claims]
#   remediation: Set persistentVolumeReclaimPolicy of the volume to Retain, and reclaimPolicy of its class for others.
#   parameters:
#     images:
#       description: Last parts of the names of images whose data must outlive the pods.
#       default: [alertmanager, elasticsearch, etcd, grafana, influxdb, loki, mariadb, mimir, minio, mongo, mongodb, mysql, opensearch, percona-server, postgres, postgresql, prometheus, rabbitmq, spilo-16, spilo-17, tempo, thanos, vault, victoria-metrics, vmstorage]
package k8s.volume_reclaim_delete

import data.lib.image

_total := input.related.volume_claims.total

_claims := {claim | some claim in input.related.volume_claims.items; _kept}

_untold := {claim.name | some claim in _claims; not claim.reclaimPolicy}

fail contains {
	"path": input.pod.path,
	"key": claim.name,
	"message": sprintf("The data of claim %s is deleted with it%s.", [claim.name, _remark(claim)]),
	"evidence": object.filter(claim, ["name", "storageClass", "reclaimPolicy", "predicted"]),
} if {
	some claim in _claims
	claim.reclaimPolicy == "Delete"
}

unknown contains sprintf("Whether the data of claim %s outlives it is not known.", [_untold[_]]) if input.cluster.live

unknown contains sprintf("Only %d of its %d claims are seen.", [count(_claims), _total]) if {
	_total > count(_claims)
	_kept
}

skip contains sprintf("What becomes of the data of claim %s is decided in the cluster.", [_untold[_]]) if {
	count(fail) + count(unknown) == 0
}

skip contains "None of its containers keeps data that must outlive the pods on a claim." if not _kept

_kept if {
	_total != 0
	some one in image.used
	regex.replace(one.parts.name, ".*/", "") in data.parameters.volume_reclaim_delete.images
}

_remark(claim) := sprintf(", as its class %s has it", [claim.storageClass]) if claim.predicted

else := ""
