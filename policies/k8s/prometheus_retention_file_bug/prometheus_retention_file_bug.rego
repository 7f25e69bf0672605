# METADATA
# title: Prometheus misreads the limits in its configuration file
# description: >-
#   From v3.8 up to v3.10 a time in the section storage.tsdb.retention lasts a million times as long as it says,
#   and limits that are taken out of the file stay in effect: Prometheus deletes nothing until its volume is full.
# related_resources:
#   - ref: https://github.com/prometheus/prometheus/pull/18200
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#tsdb
# custom:
#   severity: critical
#   category: retention
#   kinds: [long_running]
#   excuses: [configuration_files]
#   remediation: Take v3.11 or later; until then take the section out of the file, set the flags, and restart.
package k8s.prometheus_retention_file_bug

import data.lib.prometheus

fail contains {
	"path": sprintf("%s/image", [prometheus.path]),
	"message": sprintf("%s is of version %d.%d, which misreads the limits in its configuration file.", [
		prometheus.who,
		prometheus.version[0],
		prometheus.version[1],
	]),
	"evidence": {"retention": prometheus.misread},
}

skip contains prometheus.absent

unknown contains prometheus.misread_unread[_]
