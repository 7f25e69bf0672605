# METADATA
# title: Rule takes a gauge for a counter
# description: >-
#   rate and increase take each fall of a value for a restart of what counts, and add what was before. Of a gauge,
#   which falls as it likes, they make numbers that mean nothing. Each Prometheus is asked, at the address that was
#   given for it, what its targets say their series are.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/functions/#rate
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/functions/#deriv
# custom:
#   severity: low
#   category: stack
#   kinds: [long_running, Prometheus]
#   needs: [prometheus_runtime]
#   remediation: Take deriv or delta for a gauge, or the series that counts, whose name mostly ends in _total.
package k8s.rule_rates_gauge

import data.lib.prometheus
import data.lib.prometheus_rules_runtime

fail contains prometheus_rules_runtime.finding(name, sprintf("rule %s takes the rate of %s, a gauge", [name, metrics]), said) if {
	some name, said in prometheus_rules_runtime.everywhere("gauges")
	metrics := concat(", ", said.metrics)
}

skip contains prometheus.absent

unknown contains prometheus_rules_runtime.unread[_] if not prometheus.absent
