# METADATA
# title: Alert without severity, runbook or summary
# description: >-
#   Alertmanager chooses by labels whom an alert wakes: one without a severity goes the way of those that nobody
#   asked for. Who is woken needs one line that says what is wrong, and a page that says what to do.
# related_resources:
#   - ref: https://prometheus.io/docs/practices/alerting/
#   - ref: https://prometheus.io/docs/alerting/latest/configuration/#route
# custom:
#   severity: [medium, low]
#   category: stack
#   kinds: [ConfigMap, PrometheusRule]
#   remediation: Give each alert the label severity, and the annotations runbook_url and summary.
#   parameters:
#     annotations: {default: [runbook_url, summary], description: The annotations that each alert has.}
package k8s.alert_incomplete

import data.lib.prometheus_rules

fail contains object.union(
	prometheus_rules.finding(path, "severity", names, "no label severity in"),
	{"severity": "medium"},
) if {
	some path, rules in prometheus_rules.files
	names := [rule.alert | some rule in rules; not rule.severity]
	count(names) > 0
}

fail contains object.union(
	prometheus_rules.finding(path, annotation, names, sprintf("no annotation %s in", [annotation])),
	{"severity": "low"},
) if {
	some annotation in data.parameters.alert_incomplete.annotations
	some path, rules in prometheus_rules.files
	names := [rule.alert | some rule in rules; not annotation in rule.annotated]
	count(names) > 0
}

skip contains prometheus_rules.absent

unknown contains prometheus_rules.unread[_]
