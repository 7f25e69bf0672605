# METADATA
# title: Backups are deleted too soon
# description: >-
#   What was deleted or spoiled by mistake is often missed weeks later. Velero deletes a backup when its time is
#   over, by default after 30 days, and what it had saved is gone with it.
# related_resources:
#   - ref: https://velero.io/docs/main/how-velero-works/#set-a-backup-to-expire
# custom:
#   severity: medium
#   category: retention
#   kinds: [Schedule]
#   remediation: Set spec.template.ttl of the Schedule to the time for which backups are needed.
#   parameters:
#     required: {default: 720h, pattern: '^[0-9]{1,6}h$', description: The shortest time for which backups may be kept.}
#     server_default: {default: 720h, pattern: '^[0-9]{1,6}h$', description: What Velero is started with as --default-backup-ttl.}
package k8s.backup_retention_short

import data.lib.duration

_parameters := data.parameters.backup_retention_short

fail contains {
	"path": "/spec/template/ttl",
	"message": sprintf("Its backups are kept for %s, less than %s.", [_kept, _parameters.required]),
	"evidence": {"ttl": _kept},
	"patch": [{"op": "add", "path": "/spec/template/ttl", "value": _parameters.required}],
} if {
	duration.go(_kept) < duration.go(_parameters.required)
}

unknown contains sprintf("%s is no duration.", [_kept]) if not duration.go(_kept)

_ttl := object.get(input.spec, ["template", "ttl"], "0")

_kept := _ttl if not _unset

_kept := _parameters.server_default if _unset

_unset if duration.go(_ttl) == 0
