# METADATA
# title: What running Prometheus servers say of their rules
# description: >-
#   For policies that need prometheus_runtime. Replicas have the same rules, so what is wrong is told once, and only
#   what all of them say: one that has just begun has not seen every series yet.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/api/#rules
package lib.prometheus_rules_runtime

import data.lib.prometheus
import data.lib.prometheus_runtime

_answers := [one | some one in prometheus_runtime.answers; one.told.rules]

# METADATA
# title: The rules of which every answer says something, by name with what the first says
# description: "`list` is one of silent, failing and gauges (auditor/collect/runtime/rules.py)."
everywhere(list) := {said.rule: said |
	some said in _answers[0].told[list].items
	every one in _answers {
		said.rule in {other.rule | some other in one.told[list].items}
	}
}

# METADATA
# title: A finding about a rule
finding(key, says, said) := {
	"path": prometheus.path,
	"key": key,
	"message": sprintf("%s: %s.", [prometheus.who, says]),
	"evidence": object.union(said, {"answers": [{"url": one.url, "at": one.at} | some one in _answers]}),
}

# METADATA
# title: Why it is not known, of some or of all
unread contains prometheus_runtime.unanswered[_]

unread contains sprintf("%s does not tell its rules: %s.", [one.url, object.get(one.told, "unruled", "it was not asked for them")]) if {
	some one in prometheus_runtime.answers
	not one.told.rules
}

unread contains sprintf("%s tells of more rules than are looked at.", [one.url]) if {
	some one in _answers
	some list in ["silent", "failing", "gauges"]
	one.told[list].total > count(one.told[list].items)
}
