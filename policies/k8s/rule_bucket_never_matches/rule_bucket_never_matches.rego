# METADATA
# title: Rule asks for a histogram bucket that does not exist
# description: >-
#   Since version 3 Prometheus writes the bounds of buckets as le="1.0" whatever a program exposes. A rule that
#   asks for le="1" selects nothing: the alert is silent, and nothing says so.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/migration/
# custom:
#   severity: medium
#   category: stack
#   kinds: [ConfigMap, PrometheusRule]
#   remediation: Write the bound as le="1.0", or as le=~"1(\\.0)?" where versions before 3 read the rule too.
package k8s.rule_bucket_never_matches

import data.lib.prometheus_rules

fail contains prometheus_rules.finding(path, "le", names, "the label le is asked for as a whole number in") if {
	some path, rules in prometheus_rules.files
	names := [prometheus_rules.name(rule) | some rule in rules; rule.query.bounds[0]]
	count(names) > 0
}

skip contains prometheus_rules.absent

unknown contains prometheus_rules.unread[_]

unknown contains sprintf("The expression of rule %s cannot be read as PromQL.", [prometheus_rules.name(rule)]) if {
	some rule in prometheus_rules.files[_]
	rule.query.unread
}
