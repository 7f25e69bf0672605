# METADATA
# title: Prometheus keeps its samples too short, or too long
# description: >-
#   What happened is looked into weeks later; Prometheus deletes what is older than its retention, by
#   default 15 days, with its operator one. Where samples tell about people, there is a longest time too.
# related_resources: [{ref: "https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects"}]
# custom:
#   severity: medium
#   category: retention
#   kinds: [long_running, Prometheus]
#   excuses: [configuration_files, prometheus_runtime]
#   remediation: Set spec.retention, or storage.tsdb.retention.time in the file (before v3.8 the flag of that name).
#   parameters:
#     required: {default: 30d, description: The shortest time., pattern: '^([0-9]{1,3}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?$'}
#     maximum: {default: "", pattern: '^([0-9]{1,3}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?$', description: The longest time; empty for none.}
#     accept_remote: {default: true, description: Whether samples that go elsewhere too may be kept there.}
package k8s.prometheus_retention_short

import data.lib.duration
import data.lib.prometheus
import data.lib.prometheus_runtime

_parameters := data.parameters.prometheus_retention_short

fail contains object.union(_finding(sprintf("less than %s", [_parameters.required])), _patch) if {
	_short
	not _elsewhere
}

fail contains _finding(sprintf("more than %s", [_parameters.maximum])) if prometheus.longer(_parameters.maximum)

skip contains prometheus.absent

unknown contains prometheus.unread[_]

unknown contains sprintf("How long %s keeps the samples that it is sent is not known.", [_elsewhere]) if _short

unknown contains sprintf("How long it takes to collect %v is not known.", [limit]) if {
	not prometheus.limits.time
	some limit in prometheus.limits
	not prometheus_runtime.reaches(duration.prometheus(_parameters.required))
}

_short if {
	prometheus.time < duration.prometheus(_parameters.required)
	count(prometheus.unread) == 0
}

_elsewhere := prometheus.elsewhere if _parameters.accept_remote

_finding(says) := {
	"path": prometheus.path,
	"message": sprintf("%s keeps its samples for %s, %s.", [prometheus.who, object.get(prometheus.limits, "time", "ever"), says]),
	"evidence": prometheus.limits,
}

_patch := {"patch": [{"op": "add", "path": "/spec/retention", "value": _parameters.required}]} if prometheus.own

else := {}
