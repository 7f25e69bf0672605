# METADATA
# title: Ended Job stays, or goes at the wrong time
# description: >-
#   A Job that has ended stays with its pods until somebody deletes it: they pile up, and slow down
#   whoever lists them. With ttlSecondsAfterFinished the cluster clears up, but 0 takes the logs away
#   at once. In a CronJob it competes with the history limits: whichever is stricter wins.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
# custom:
#   severity: [low, info]
#   category: retention
#   kinds: [Job, CronJob]
#   remediation: >-
#     Set ttlSecondsAfterFinished of the Job to as long as its result and logs are of use. Let the
#     history limits of a CronJob decide instead.
#   same_as: [job-ttl-seconds-after-finished]
package k8s.job_ttl_missing

fail contains {
	"path": "/spec/ttlSecondsAfterFinished",
	"message": sprintf("Job %s stays when it has ended: it has no ttlSecondsAfterFinished.", [input.meta.name]),
} if {
	input.meta.kind == "Job"
	not input.spec.ttlSecondsAfterFinished
	count(skip) == 0
}

fail contains {
	"path": "/spec/ttlSecondsAfterFinished",
	"message": sprintf("Job %s is deleted as soon as it ends, and its logs with it.", [input.meta.name]),
	"severity": "info",
} if {
	input.spec.ttlSecondsAfterFinished == 0
	count(skip) == 0
}

fail contains {
	"path": "/spec/jobTemplate/spec/ttlSecondsAfterFinished",
	"message": sprintf("Jobs of %s are deleted %d s after they end, whatever its history limits say.", [input.meta.name, ttl]),
	"severity": "info",
	"evidence": {"ttlSecondsAfterFinished": ttl},
} if {
	ttl := input.spec.jobTemplate.spec.ttlSecondsAfterFinished
}

skip contains sprintf("Its controller, %s %s, clears it up.", [owner.kind, owner.name]) if {
	input.meta.kind == "Job"
	owner := input.meta.controller
}

skip contains "It is a hook, which the tool that runs it deletes." if {
	input.meta.kind == "Job"
	some hook in ["helm.sh/hook", "argocd.argoproj.io/hook"]
	input.meta.annotations[hook]
}
