# METADATA
# title: Data is deleted with the StatefulSet, or with a replica
# description: >-
#   A persistentVolumeClaimRetentionPolicy of Delete deletes the claims when the StatefulSet goes, or a
#   claim with each replica that is scaled away, and in most storage classes the volumes with them. For a
#   database or the history of a monitoring system that makes a slip of the hand a loss of data.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
# custom:
#   severity: medium
#   category: retention
#   kinds: [StatefulSet, Prometheus, Alertmanager, ThanosRuler]
#   remediation: Set whenDeleted and whenScaled to Retain, and delete claims by hand when their data is of no more use.
#   parameters:
#     images:
#       description: Last parts of the names of images whose data must outlive the pods.
#       default: [alertmanager, elasticsearch, etcd, grafana, influxdb, loki, mariadb, mimir, minio, mongo, mongodb, mysql, opensearch, percona-server, postgres, postgresql, prometheus, rabbitmq, spilo-16, spilo-17, tempo, thanos, vault, victoria-metrics, vmstorage]
package k8s.stateful_set_claims_deleted

import data.lib.image
import data.lib.program

fail contains {
	"path": path,
	"message": sprintf("The claims of %s %s are deleted %s.", [input.meta.kind, input.meta.name, occasion]),
	"evidence": {field: "Delete"},
	"patch": [{"op": "replace", "path": path, "value": "Retain"}],
} if {
	some field, occasion in {"whenDeleted": "when it is deleted", "whenScaled": "when it is scaled down"}
	input.spec.persistentVolumeClaimRetentionPolicy[field] == "Delete"
	count(skip) == 0
	path := sprintf("/spec/persistentVolumeClaimRetentionPolicy/%s", [field])
}

skip contains program.made_from

skip contains "It makes no claims." if {
	not input.spec.volumeClaimTemplates[0]
	not input.spec.storage.volumeClaimTemplate
}

skip contains "None of its images is among those whose data must outlive the pods." if {
	input.meta.kind == "StatefulSet"
	names := {base | some one in image.used; base := regex.replace(one.parts.name, ".*/", "")}
	names & {name | some name in data.parameters.stateful_set_claims_deleted.images} == set()
}
