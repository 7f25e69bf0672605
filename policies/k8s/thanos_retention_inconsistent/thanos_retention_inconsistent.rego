# METADATA
# title: Thanos keeps its resolutions for times that do not fit together
# description: >-
#   The compactor deletes raw samples and both downsampled resolutions after times of their own. Raw data
#   that goes before it is downsampled leaves nothing of it, which newer versions refuse; and a
#   resolution that goes sooner than the others leaves ranges that cannot be zoomed into.
# related_resources:
#   - ref: https://thanos.io/tip/components/compact.md/#downsampling
# custom:
#   severity: [low, info]
#   category: retention
#   kinds: [workload]
#   remediation: >-
#     Give the three --retention.resolution flags the same time, as long as it is needed; 0d is for ever.
#   parameters:
#     required: {default: 30d, pattern: '^([0-9]{1,3}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?$', description: The shortest time for which a resolution may be kept.}
package k8s.thanos_retention_inconsistent

import data.lib.duration
import data.lib.thanos

_required := data.parameters.thanos_retention_inconsistent.required

fail contains _finding(one, resolution, "low", sprintf("keeps resolution %s for %s, %s", [resolution, one.shown[resolution], fault])) if {
	some one in thanos.compactors
	some resolution, time in one.kept
	fault := _fault(one, resolution, time)
}

fail contains _finding(one, "unequal", "info", "keeps its resolutions for different times") if {
	some one in thanos.compactors
	count({time | some time in one.kept}) > 1
	every resolution, time in one.kept {
		not _fault(one, resolution, time)
	}
}

skip contains "It runs no compactor of Thanos." if {
	count(thanos.compactors) == 0
	count(thanos.unread) == 0
}

unknown contains reason if some reason in thanos.unread

_fault(one, resolution, time) := "and deletes it before it is downsampled" if {
	not "--downsampling.disable" in one.line
	time < {"raw": duration.prometheus("40h"), "5m": duration.prometheus("10d")}[resolution]
	time != duration.prometheus("0")
} else := sprintf("less than %s", [_required]) if {
	time < duration.prometheus(_required)
	time != duration.prometheus("0")
}

_finding(one, key, severity, says) := {
	"path": one.container.path,
	"key": concat("/", [one.container.name, key]),
	"message": sprintf("Container %s %s.", [one.container.name, says]),
	"severity": severity,
	"evidence": {"retention": one.shown},
}
