# METADATA
# title: Alertmanager forgets silences and notifications too soon
# description: >-
#   Alertmanager notes who silenced an alert and whom it has told, and deletes these notes after its
#   retention. Alone and without a volume that outlives its pod it forgets them with each restart:
#   silenced alerts ring again.
# related_resources:
#   - ref: https://prometheus.io/docs/alerting/latest/alertmanager/
# custom:
#   severity: low
#   category: retention
#   kinds: [long_running, Alertmanager]
#   excuses: [alertmanager_runtime]
#   remediation: Set --data.retention, or spec.retention, to 120h or more, and give a single replica a claim.
#   parameters:
#     required: {default: 120h, description: The shortest time in whole hours., pattern: '^[0-9]{1,6}h$'}
package k8s.alertmanager_retention_short

import data.lib.alertmanager
import data.lib.data_directory
import data.lib.duration

_required := data.parameters.alertmanager_retention_short.required

fail contains {
	"path": alertmanager.path,
	"key": "retention",
	"message": sprintf("%s keeps silences for %s, less than %s.", [alertmanager.who, alertmanager.retention, _required]),
	"evidence": alertmanager.evidence,
} if {
	duration.go(alertmanager.retention) < duration.go(_required)
}

fail contains {
	"path": alertmanager.path,
	"key": "storage",
	"message": sprintf("%s is alone, and loses its silences with its pod.", [alertmanager.who]),
	"evidence": {"kind": alertmanager.volume.kind, "replicas": 1},
} if {
	data_directory.fleeting(alertmanager.volume.kind)
	object.get(input.spec, "replicas", 1) == 1
}

skip contains alertmanager.absent

unknown contains "How long it keeps silences, or where, cannot be told." if {
	not alertmanager.absent
	not _told
}

unknown contains alertmanager.unanswered[_]

_told if {
	duration.go(alertmanager.retention)
	alertmanager.volume.kind != "unknown"
}
