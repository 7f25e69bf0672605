# METADATA
# title: Nothing makes backups of a namespace that holds data
# description: >-
#   Its claims hold data that nobody can bring back after a deletion by mistake, a broken release or a lost
#   disk. Backups are those of Velero, and of CronJobs that are named as such.
# related_resources:
#   - ref: https://velero.io/docs/main/api-types/schedule/
#   - ref: https://velero.io/docs/main/resource-filtering/
# custom:
#   severity: medium
#   category: retention
#   kinds: [Namespace]
#   needs: [backup_schedules]
#   remediation: Include the namespace in a Schedule of Velero that is not paused and takes its volumes.
#   parameters:
#     namespaces: {default: [], description: Namespaces that must have backups even if they hold no claims.}
#     cron_jobs: {default: [], description: "Names of CronJobs that make backups of their namespace, with * for any letters."}
package k8s.backup_schedule_missing

_parameters := data.parameters.backup_schedule_missing

_seen := input.related.backup_schedules

fail contains {
	"path": "/metadata/name",
	"message": concat("; ", array.concat([sprintf("Its claims: %d, and nothing makes backups of them", [_seen.claims])], _seen.off.items)),
	"evidence": {"claims": _seen.claims, "off": _seen.off},
} if {
	_asked
	count(unknown) == 0
}

skip contains "It holds no claims." if not _needed

skip contains "Velero is not installed, and no CronJobs are named: something else may make backups." if not _backed

unknown contains _seen.unsure.items[_] if _asked

unknown contains "Not all CronJobs of the namespace are seen." if {
	_asked
	count(_parameters.cron_jobs) > 0
	_seen.cron_jobs.total > count(_seen.cron_jobs.items)
}

_asked if {
	_needed
	_backed
	_seen.covered == 0
	every name in _seen.cron_jobs.items {
		not _makes_backups(name)
	}
}

_needed if _seen.claims > 0

_needed if input.meta.name in _parameters.namespaces

_backed if true in {_seen.velero, "velero.io/v1" in input.cluster.apis, count(_parameters.cron_jobs) > 0}

_makes_backups(name) if glob.match(_parameters.cron_jobs[_], [], name)
