# METADATA
# title: Backups are not made any more
# description: >-
#   A backup that is older than two of its intervals means that runs fail, or that nothing runs: what is lost now
#   is lost since then. A backup that is only partly there counts as none.
# related_resources:
#   - ref: https://velero.io/docs/main/api-types/schedule/
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
# custom:
#   severity: medium
#   category: retention
#   kinds: [Schedule, CronJob]
#   needs: [backup_runs, now]
#   remediation: Look into the Backups of the Schedule, or the Jobs of the CronJob, for the reason; then run one at once.
#   parameters:
#     intervals: {default: 2, description: How many intervals old the last whole backup may be.}
#     cron_jobs: {default: ["*/*backup*"], description: "CronJobs that make backups, NAMESPACE/NAME with * for any letters but /."}
package k8s.backup_stale

_parameters := data.parameters.backup_stale

fail contains {"path": "/spec", "key": "off", "message": sprintf("It makes no backups: %s.", [_runs.off])} if _judged

fail contains {
	"path": "/spec/schedule",
	"key": "stale",
	"message": sprintf("No whole backup was made since %s, and one should be made every %d seconds.", [_since, _runs.interval]),
	"evidence": {"since": _since, "interval": _runs.interval},
} if {
	_judged
	not _runs.off
	passed := time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(_since)
	passed > (_parameters.intervals * _runs.interval) * 1000000000
}

skip contains "It is none of the CronJobs that make backups." if not _judged

unknown contains _runs.reason if {
	_judged
	not _runs.off
}

_runs := input.related.backup_runs

_since := max(_times)

_times contains input.meta.created

_times contains _runs.completed

_times contains input.status.lastSuccessfulTime

_judged if input.meta.kind == "Schedule"

_judged if {
	some pattern in _parameters.cron_jobs
	glob.match(pattern, ["/"], sprintf("%s/%s", [input.meta.namespace, input.meta.name]))
}
