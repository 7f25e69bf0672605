# METADATA
# title: Prometheus does not keep its samples as it is told to
# description: >-
#   What counts is what runs: a file that was refused, a flag that a file overrides or a pod that was not
#   restarted leaves other limits in effect than those that everybody reads. Each Prometheus is asked at the
#   address that was given for it.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/api/#runtime-information
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
# custom:
#   severity: medium
#   category: retention
#   kinds: [long_running, Prometheus]
#   needs: [prometheus_runtime]
#   excuses: [configuration_files]
#   remediation: Look for the reason in the log of Prometheus, mend its configuration, and set its limits in one place.
package k8s.prometheus_retention_drift

import data.lib.prometheus
import data.lib.prometheus_runtime

fail contains _finding("limits", sprintf("is told to keep its samples for %s, and keeps them for %s", told), different) if {
	count(prometheus.unread) == 0
	different := [one | some one in _clear; prometheus_runtime.limits(one.told) != prometheus_runtime.declared]
	told := [prometheus_runtime.declared_words, prometheus_runtime.words(different[0].told)]
}

fail contains _finding("replicas", "keeps its samples for other times or sizes in some replicas than in others", _clear) if {
	count(prometheus.unread) > 0
	count({prometheus_runtime.limits(one.told) | some one in _clear}) > 1
}

fail contains _finding("reload", "could not read its configuration file last time, and works by an older one", older) if {
	older := [one | some one in prometheus_runtime.answers; not one.told.reloaded]
	count(older) > 0
}

skip contains prometheus.absent

unknown contains (prometheus.unread | prometheus_runtime.unanswered)[_] if not prometheus.absent

unknown contains prometheus_runtime.unclear[_] if not prometheus.absent

_clear := [one |
	some one in prometheus_runtime.answers
	not prometheus_runtime.unclear[one.url]
]

_finding(key, says, answers) := {
	"path": prometheus.path,
	"key": key,
	"message": sprintf("%s %s.", [prometheus.who, says]),
	"evidence": {
		"declared": prometheus_runtime.declared_words,
		"answers": [object.union({"url": one.url, "at": one.at}, object.filter(one.told, ["retention", "configured"])) | some one in answers],
	},
} if {
	not prometheus.absent
}
