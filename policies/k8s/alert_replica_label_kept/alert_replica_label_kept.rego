# METADATA
# title: Replicas of Prometheus alert twice
# description: >-
#   Replicas differ in an external label, so that their samples can be told apart. Alertmanager takes alerts with
#   different labels for different alerts: unless the label is dropped on the way, each wakes people twice.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#alert_relabel_configs
#   - ref: https://prometheus.io/docs/introduction/faq/#can-prometheus-be-made-highly-available
# custom:
#   severity: medium
#   category: stack
#   kinds: [long_running]
#   excuses: [configuration_files]
#   remediation: >-
#     Drop the label from alerts in alerting.alert_relabel_configs with an entry of the action labeldrop.
package k8s.alert_replica_label_kept

import data.lib.configuration
import data.lib.prometheus

_several if input.spec.replicas > 1

fail contains {
	"path": prometheus.path,
	"key": label,
	"message": sprintf("%s: its %d replicas send the label %s with their alerts, in which they differ.", [prometheus.who, input.spec.replicas, label]),
	"evidence": {"label": label, "value": value, "replicas": input.spec.replicas},
} if {
	_several
	some label, value in prometheus.settings.global.external_labels
	_differs(label, value)
	not _changed(label)
}

skip contains prometheus.absent

skip contains "It has no second replica." if {
	not prometheus.absent
	not _several
}

unknown contains prometheus.untold[_] if _several

_differs(label, _) if contains(label, "replica")

_differs(_, value) if regex.match(`\$[({]?(?:POD_NAME|POD|HOSTNAME)\b`, configuration.text(value))

_changed(label) if {
	some rule in prometheus.settings.alerting.alert_relabel_configs
	_takes(lower(sprintf("%v", [object.get(rule, "action", "replace")])), rule, label)
}

_takes("labeldrop", rule, label) if _matches(rule, label)

_takes("labelkeep", rule, label) if not _matches(rule, label)

_takes("replace", rule, label) if rule.target_label == label

_matches(rule, label) if regex.match(sprintf("^(?:%s)$", [object.get(rule, "regex", ".*")]), label)
