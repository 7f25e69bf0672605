# METADATA
# title: Loki deletes no logs
# description: >-
#   Loki keeps logs for ever unless its compactor is told to delete them: a retention period alone does nothing.
#   Its storage grows until it is full or too expensive, and what had to be deleted, such as data about people,
#   is still there.
# related_resources:
#   - ref: https://grafana.com/docs/loki/latest/operations/storage/retention/
# custom:
#   severity: medium
#   category: retention
#   kinds: [long_running]
#   excuses: [configuration_files]
#   remediation: >-
#     Set compactor.retention_enabled and compactor.delete_request_store, and limits_config.retention_period to
#     the time for which logs are needed.
#   parameters:
#     allow_unlimited: {default: false, description: Whether logs may be kept for ever where no retention is set.}
package k8s.loki_retention_not_enforced

import data.lib.loki

fail contains _finding("not enforced", sprintf("is told to keep logs for %s and deletes none: compactor.retention_enabled is not true", [
	loki.shown[loki.shortest],
])) if {
	not loki.enforced
}

fail contains _finding("for ever", "keeps logs for ever: no retention is set") if {
	not loki.shortest
	count(loki.tenants_unread) == 0
	not data.parameters.loki_retention_not_enforced.allow_unlimited
}

fail contains _finding("no store", "does not start: it deletes logs, and compactor.delete_request_store is missing") if loki.storeless

skip contains loki.absent

unknown contains loki.unread[_] if not loki.absent

unknown contains loki.tenants_unread[_] if {
	not loki.absent
	not loki.shortest
}

_finding(key, says) := {
	"path": loki.container.path,
	"key": sprintf("%s/%s", [loki.container.name, key]),
	"message": sprintf("Container %s %s.", [loki.container.name, says]),
	"evidence": object.union({"retention_enabled": loki.enforced_as}, _retention),
} if {
	not loki.absent
	count(loki.unread) == 0
}

_retention[loki.shortest] := loki.shown[loki.shortest]
