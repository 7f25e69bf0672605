# METADATA
# title: Prometheus does not say which cluster its alerts are from
# description: >-
#   External labels go with every alert and with samples that are sent elsewhere. Without the name of the cluster
#   and of its environment nobody can tell whether the alert is about production.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
# custom:
#   severity: low
#   category: stack
#   kinds: [long_running, Prometheus]
#   excuses: [configuration_files]
#   remediation: Set global.external_labels in its configuration file, or externalLabels of the operator's object.
#   parameters:
#     labels: {default: [cluster, environment], description: The labels that it has.}
package k8s.prometheus_external_labels_missing

import data.lib.configuration
import data.lib.prometheus

fail contains {
	"path": prometheus.path,
	"key": label,
	"message": sprintf("%s sets no external label %s.", [prometheus.who, label]),
	"evidence": {"external_labels": _labels},
} if {
	some label in data.parameters.prometheus_external_labels_missing.labels
	not _set[label]
}

skip contains prometheus.absent

unknown contains prometheus.untold[_]

_labels := object.get(prometheus.settings, ["global", "external_labels"], {})

_labels := object.get(input.spec, "externalLabels", {}) if prometheus.own

_set[label] := configuration.text(value) if some label, value in _labels
