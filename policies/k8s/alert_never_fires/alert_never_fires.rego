# METADATA
# title: Alert that cannot fire
# description: >-
#   An alert about a series that no target exposes is silent whatever happens: it was renamed, the exporter is
#   gone, or the expression fails. Nothing says so, and people count on it. Each Prometheus is asked, at the address
#   that was given for it, for its rules and for the series of the last 24 hours.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/api/#rules
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
# custom:
#   severity: medium
#   category: stack
#   kinds: [long_running, Prometheus]
#   needs: [prometheus_runtime]
#   remediation: >-
#     Find out where the series should come from, and scrape that; mend the expression; or take an alert away that is
#     about something that is not there.
#   parameters:
#     allowed: {default: [], description: Names of alerts that may be silent.}
package k8s.alert_never_fires

import data.lib.prometheus
import data.lib.prometheus_rules_runtime

fail contains prometheus_rules_runtime.finding(name, sprintf("alert %s cannot fire, as there is no %s", [name, missing]), said) if {
	some name, said in prometheus_rules_runtime.everywhere("silent")
	not name in data.parameters.alert_never_fires.allowed
	missing := concat(", ", said.missing)
}

fail contains prometheus_rules_runtime.finding(sprintf("%s fails", [name]), sprintf("rule %s fails: %s", [name, said.error]), said) if {
	some name, said in prometheus_rules_runtime.everywhere("failing")
}

skip contains prometheus.absent

unknown contains prometheus_rules_runtime.unread[_] if not prometheus.absent
