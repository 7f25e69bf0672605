package k8s.job_ttl_missing_test

import data.k8s.job_ttl_missing

_job(meta, spec) := {"meta": object.union({"kind": "Job", "name": "import", "annotations": {}}, meta), "spec": spec}

_cron_job(meta, spec) := {
	"meta": object.union({"kind": "CronJob", "name": "report", "annotations": {}}, meta),
	"spec": {"jobTemplate": {"spec": spec}},
}

_stays := {
	"path": "/spec/ttlSecondsAfterFinished",
	"message": "Job import stays when it has ended: it has no ttlSecondsAfterFinished.",
}

_at_once := {
	"path": "/spec/ttlSecondsAfterFinished",
	"message": "Job import is deleted as soon as it ends, and its logs with it.",
	"severity": "info",
}

_competes(ttl) := {
	"path": "/spec/jobTemplate/spec/ttlSecondsAfterFinished",
	"message": sprintf("Jobs of report are deleted %d s after they end, whatever its history limits say.", [ttl]),
	"severity": "info",
	"evidence": {"ttlSecondsAfterFinished": ttl},
}

_owned := {"controller": {"apiVersion": "example.com/v1", "kind": "Workflow", "name": "nightly"}}

_by_owner := "Its controller, Workflow nightly, clears it up."

_hook(name) := {"annotations": {name: "x"}}

_by_tool := "It is a hook, which the tool that runs it deletes."

_cases := {
	"no ttl": [_job({}, {}), {_stays}, set()],
	"some ttl": [_job({}, {"ttlSecondsAfterFinished": 1}), set(), set()],
	"no time at all": [_job({}, {"ttlSecondsAfterFinished": 0}), {_at_once}, set()],
	"owned": [_job(_owned, {}), set(), {_by_owner}],
	"owned, no time at all": [_job(_owned, {"ttlSecondsAfterFinished": 0}), set(), {_by_owner}],
	"hook of helm": [_job(_hook("helm.sh/hook"), {}), set(), {_by_tool}],
	"hook of argo": [_job(_hook("argocd.argoproj.io/hook"), {}), set(), {_by_tool}],
	"other annotation": [_job(_hook("helm.sh/chart"), {}), {_stays}, set()],
	"cron job": [_cron_job({}, {}), set(), set()],
	"cron job with a ttl": [_cron_job({}, {"ttlSecondsAfterFinished": 60}), {_competes(60)}, set()],
	"cron job with no time": [_cron_job(_owned, {"ttlSecondsAfterFinished": 0}), {_competes(0)}, set()],
	"cron job as a hook": [_cron_job(_hook("helm.sh/hook"), {}), set(), set()],
	"live pod that differs": [{"meta": object.union(_owned, {"kind": "Pod", "name": "a"}), "spec": {}}, set(), set()],
}

test_verdict[note] if {
	some note, [document, found, skipped] in _cases
	[job_ttl_missing.fail, job_ttl_missing.skip] == [found, skipped] with input as document
}
