# METADATA
# title: Prometheus loses its samples with its pod
# description: >-
#   Without a volume that outlives the pod, each restart on another node, each drain and each upgrade
#   begins with an empty database, whatever the retention says. The operator takes an emptyDir unless
#   spec.storage asks for more. Less bad where the samples go elsewhere too.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/
#   - ref: https://prometheus-operator.dev/docs/platform/storage/
# custom:
#   severity: [high, low]
#   category: retention
#   kinds: [long_running, Prometheus]
#   excuses: [configuration_files]
#   remediation: >-
#     Set spec.storage.volumeClaimTemplate of the Prometheus object, or mount a claim where
#     --storage.tsdb.path is.
#   parameters:
#     accept_remote: {default: true, description: Whether samples that go elsewhere too count as low.}
package k8s.prometheus_storage_ephemeral

import data.lib.data_directory
import data.lib.prometheus

fail contains {
	"path": prometheus.path,
	"message": sprintf("%s keeps its samples %s, and loses them with its pod.", [prometheus.who, data_directory.place(_volume)]),
	"severity": _severity,
	"evidence": {"kind": _volume.kind},
} if {
	data_directory.fleeting(_volume.kind)
	not prometheus.claimed
}

skip contains prometheus.absent

unknown contains "Where it keeps its samples cannot be told." if {
	not prometheus.absent
	not _volume
}

unknown contains sprintf("Volume %s is not in the pod.", [_volume.name]) if _volume.kind == "unknown"

_volume := {"kind": "ephemeral", "name": "of spec.storage"} if {
	input.spec.storage.ephemeral
} else := {"kind": "emptyDir", "name": "of spec.storage"} if {
	prometheus.own
} else := prometheus.volume

_severity := "low" if {
	prometheus.elsewhere
	data.parameters.prometheus_storage_ephemeral.accept_remote
} else := "high"
