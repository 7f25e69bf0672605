# METADATA
# title: Rule looks further back than samples are kept
# description: >-
#   A rule about the last thirty days, where samples are kept for fifteen, is computed from what is there: a
#   monthly objective is then told from half a month, and nothing says so.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/basics/#range-vector-selectors
# custom:
#   severity: medium
#   category: stack
#   kinds: [long_running]
#   excuses: [configuration_files]
#   remediation: Keep samples for as long as the rule looks back, or shorten its range.
package k8s.rule_range_exceeds_retention

import data.lib.prometheus

fail contains {
	"path": prometheus.path,
	"key": file.path,
	"message": sprintf("%s keeps its samples for %s, and rule %s looks back %v days.", [
		prometheus.who,
		prometheus.limits.time,
		file.settings.looks_back.rule,
		round(file.settings.looks_back.seconds / 8640) / 10,
	]),
	"evidence": object.union({"file": file.source, "retention": prometheus.limits.time}, file.settings.looks_back),
} if {
	count(unknown) == 0
	some file in _files
	file.settings.looks_back.seconds * 1000000000 > prometheus.time
}

skip contains prometheus.absent

skip contains "None of its rules in ConfigMaps looks back." if {
	not prometheus.absent
	count(unknown) == 0
	count(_files) == 0
}

unknown contains prometheus.unread[_]

unknown contains "It mounts more files than are looked at." if {
	prometheus.container
	found := input.related.configuration_files
	found.total > count(found.items)

	# those that set nothing come last
	object.get(found.items[count(found.items) - 1], "settings", null) != {}
}

_files contains file if {
	some file in input.related.configuration_files.items
	file.container == prometheus.container.name
	file.settings.looks_back
}
