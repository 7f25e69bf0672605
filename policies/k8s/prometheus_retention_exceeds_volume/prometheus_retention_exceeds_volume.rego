# METADATA
# title: Prometheus may fill its volume
# description: A full volume stops Prometheus. What was written last cannot be deleted but counts, so the limit
#   of the size must stay well below the volume; a limit of the time is none of the size.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
# custom:
#   severity: [high, low]
#   category: retention
#   kinds: [long_running, Prometheus]
#   excuses: [configuration_files, volume_claims]
#   remediation: Set retentionSize, or storage.tsdb.retention.size, to 85 % of the volume at most, or enlarge it.
#   parameters:
#     percent: {default: 85, description: The share of the volume that samples may take.}
package k8s.prometheus_retention_exceeds_volume

import data.lib.prometheus
import data.lib.quantity

_percent := data.parameters.prometheus_retention_exceeds_volume.percent

fail contains _finding("high", sprintf("may take %s of a volume of %s", [prometheus.limits.size, prometheus.capacity])) if {
	prometheus.size * 100000000000 > quantity.nano(prometheus.capacity) * _percent
	not prometheus.limits.percentage
}

fail contains _finding("high", sprintf("may take %v %% of their volume", [prometheus.limits.percentage])) if {
	prometheus.limits.percentage > _percent
	prometheus.bounded
}

fail contains _finding("low", sprintf("are limited by %s, whatever their volume holds", [_alone])) if {
	prometheus.bounded
	not prometheus.limits.size
	not prometheus.limits.percentage
}

skip contains prometheus.absent

skip contains "Its samples lie on no volume with a size of its own." if {
	count(unknown) == 0
	not prometheus.absent
	not prometheus.bounded
}

unknown contains (prometheus.unread | prometheus.volume_unread)[_]

_finding(severity, says) := {
	"path": prometheus.path,
	"message": sprintf("%s: its samples %s.", [prometheus.who, says]),
	"severity": severity,
	"evidence": prometheus.limits,
} if {
	count(prometheus.unread) == 0
}

_alone := "nothing" if {
	prometheus.unlimited
} else := "time alone"
