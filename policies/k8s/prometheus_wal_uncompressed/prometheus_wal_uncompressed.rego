# METADATA
# title: Prometheus writes its log uncompressed
# description: >-
#   The write-ahead log holds what came last, and is about half as large when compressed, for hardly any CPU. It
#   is the default; turned off it takes room from the samples and makes a restart read more.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#local-storage
# custom:
#   severity: low
#   category: stack
#   kinds: [long_running, Prometheus]
#   remediation: >-
#     Take the flag --no-storage.tsdb.wal-compression away, or walCompression out of the operator's object.
package k8s.prometheus_wal_uncompressed

import data.lib.prometheus

fail contains {
	"path": prometheus.path,
	"key": "wal",
	"message": sprintf("%s does not compress its write-ahead log.", [prometheus.who]),
	"evidence": {"set": set_by},
} if {
	some set_by in _off
}

skip contains prometheus.absent

unknown contains prometheus.line_unread[_] if count(_off) == 0

_off contains "--no-storage.tsdb.wal-compression" if "--no-storage.tsdb.wal-compression" in prometheus.line

_off contains "walCompression: false" if {
	prometheus.own
	input.spec.walCompression == false
}
