# METADATA
# title: Loki keeps logs too short
# description: >-
#   What happened is looked into weeks later, and by then the logs of it must still be there. The shortest time
#   counts, of all logs, of a stream or of a tenant.
# related_resources:
#   - ref: https://grafana.com/docs/loki/latest/operations/storage/retention/
# custom:
#   severity: medium
#   category: retention
#   kinds: [long_running]
#   excuses: [configuration_files]
#   remediation: Raise retention_period of limits_config, of the stream, or of the tenant in the overrides.
#   parameters:
#     required: {default: 30d, pattern: '^([0-9]{1,3}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?$', description: The shortest time for which logs may be kept.}
package k8s.loki_retention_short

import data.lib.duration
import data.lib.loki

_required := data.parameters.loki_retention_short.required

fail contains {
	"path": loki.container.path,
	"message": sprintf("Container %s keeps logs for %s, less than %s.", [loki.container.name, loki.shown[loki.shortest], _required]),
	"evidence": {"setting": loki.shortest, "time": loki.shown[loki.shortest]},
} if {
	loki.enforced
	loki.kept[loki.shortest] < duration.prometheus(_required)
	count(loki.unread) == 0
	not loki.absent
}

skip contains loki.absent

skip contains "It deletes no logs." if {
	not loki.absent
	not loki.enforced
	count(loki.unread) == 0
}

unknown contains loki.unread[_] if not loki.absent

unknown contains loki.tenants_unread[_] if {
	not loki.absent
	loki.enforced
}
