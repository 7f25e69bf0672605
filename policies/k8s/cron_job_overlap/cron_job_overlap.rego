# METADATA
# title: Runs of a cron job may pile up, or be missed
# description: >-
#   With concurrencyPolicy Allow a new run starts although the last one is still going. If runs slow
#   down, they pile up, and take the cluster's room or work on the same data at once. A starting
#   deadline of some seconds has the opposite fault: a controller that is busy misses the run.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
# custom:
#   severity: low
#   category: availability
#   kinds: [CronJob]
#   remediation: >-
#     Set concurrencyPolicy to Forbid or Replace. Where runs may overlap, set startingDeadlineSeconds to
#     10 or more, or activeDeadlineSeconds of the job template, so that a run ends some time.
#   same_as: [cronjob-has-deadline]
package k8s.cron_job_overlap

_deadline := input.spec.startingDeadlineSeconds

fail contains {
	"path": "/spec/concurrencyPolicy",
	"message": sprintf("Runs of cron job %s may overlap (Allow), and nothing ends or skips late ones.", [input.meta.name]),
	"evidence": {"concurrencyPolicy": "Allow"},
} if {
	input.spec.concurrencyPolicy == "Allow"
	not _deadline
	not input.spec.jobTemplate.spec.activeDeadlineSeconds
	not input.spec.suspend
}

fail contains {
	"path": "/spec/startingDeadlineSeconds",
	"message": sprintf("Cron job %s misses a run that starts %d s late.", [input.meta.name, _deadline]),
	"evidence": {"startingDeadlineSeconds": _deadline},
} if {
	_deadline < 10
	not input.spec.suspend
}

skip contains "It is suspended." if input.spec.suspend
