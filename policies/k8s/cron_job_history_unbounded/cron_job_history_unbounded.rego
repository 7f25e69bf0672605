# METADATA
# title: Cron job keeps too many ended runs, or no failed one
# description: >-
#   Every run that is kept is a Job with its pods, which the API server, the controllers and every list
#   carry along. Without a single failed run, on the other hand, nothing is left to look at when the
#   job fails at night.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits
# custom:
#   severity: low
#   category: retention
#   kinds: [CronJob]
#   remediation: Set successfulJobsHistoryLimit and failedJobsHistoryLimit to a few, the latter to 1 at least.
#   parameters:
#     max_successful: {default: 10, description: The most successful runs that may be kept.}
#     max_failed: {default: 10, description: The most failed runs that may be kept.}
package k8s.cron_job_history_unbounded

_max := {
	"successfulJobsHistoryLimit": data.parameters.cron_job_history_unbounded.max_successful,
	"failedJobsHistoryLimit": data.parameters.cron_job_history_unbounded.max_failed,
}

fail contains {
	"path": sprintf("/spec/%s", [field]),
	"message": sprintf("Cron job %s keeps %d ended runs (%s), %d at most.", [input.meta.name, kept, field, most]),
	"evidence": {field: kept},
} if {
	some field, most in _max
	kept := input.spec[field]
	kept > most
}

fail contains {
	"path": "/spec/failedJobsHistoryLimit",
	"message": sprintf("Cron job %s keeps no failed run to look at.", [input.meta.name]),
	"evidence": {"failedJobsHistoryLimit": 0},
	"patch": [{"op": "replace", "path": "/spec/failedJobsHistoryLimit", "value": 1}],
} if {
	input.spec.failedJobsHistoryLimit == 0
}
