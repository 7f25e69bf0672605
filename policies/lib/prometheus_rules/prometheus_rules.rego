# METADATA
# title: The rules of Prometheus, in ConfigMaps and in objects of its operator
# description: >-
#   For policies of the kinds ConfigMap and PrometheusRule. A rule is {alert | record, severity?, annotated,
#   query}: `annotated` names its annotations, `query` tells of its expression {metrics?, rates?, seconds?,
#   bounds?, unread?} (auditor/document/promql.py).
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/
package lib.prometheus_rules

# METADATA
# title: The files that hold rules, by their pointer the rules
files[path] := [rule | some group in groups; some rule in group.rules] if {
	some path, groups in _groups
}

_groups["/spec/groups"] := input.spec.groups if input.meta.kind == "PrometheusRule"

_groups[path] := file.settings.groups if {
	some key, file in input.spec.configuration
	path := sprintf("/data/%s", [replace(replace(key, "~", "~0"), "/", "~1")])
}

# METADATA
# title: Why there is none to judge
absent := "It holds no rules of Prometheus." if {
	count([rule | some rules in files; some rule in rules]) == 0
	count(unread) == 0
}

# METADATA
# title: Why it is not known whether a file holds rules, or which
unread contains sprintf("%s cannot be read: %s.", [key, file.fault]) if some key, file in input.spec.configuration

# METADATA
# title: What a rule is called
name(rule) := rule.alert

name(rule) := rule.record

# METADATA
# title: A finding about some rules of a file
# description: >-
#   `says` is what is wrong, and ends where the `names` of the rules follow; `key` tells it from others in the file.
finding(path, key, names, says) := {
	"path": path,
	"key": concat(" ", [path, key]),
	"message": sprintf("%s: %s %s%s.", [_file(path), says, concat(", ", array.slice(sort(names), 0, 3)), _rest(count(names) - 3)]),
	"evidence": {"rules": array.slice(sort(names), 0, 20), "total": count(names)},
}

_rest(more) := sprintf(" and %d more", [more]) if {
	more > 0
} else := ""

_file("/spec/groups") := "Its rules"

_file(path) := trim_prefix(path, "/data/") if startswith(path, "/data/")
