package k8s.cron_job_overlap_test

import data.k8s.cron_job_overlap

_cron_job(spec) := {
	"meta": {"name": "report"},
	"spec": object.union(
		{"concurrencyPolicy": "Allow", "suspend": false, "jobTemplate": {"spec": {}}},
		spec,
	),
}

_overlap := {
	"path": "/spec/concurrencyPolicy",
	"message": "Runs of cron job report may overlap (Allow), and nothing ends or skips late ones.",
	"evidence": {"concurrencyPolicy": "Allow"},
}

_missed(seconds) := {
	"path": "/spec/startingDeadlineSeconds",
	"message": sprintf("Cron job report misses a run that starts %d s late.", [seconds]),
	"evidence": {"startingDeadlineSeconds": seconds},
}

_cases := {
	"defaults": [{}, {_overlap}],
	"one at a time": [{"concurrencyPolicy": "Forbid"}, set()],
	"the new one": [{"concurrencyPolicy": "Replace"}, set()],
	"late ones are skipped": [{"startingDeadlineSeconds": 10}, set()],
	"long ones end": [{"jobTemplate": {"spec": {"activeDeadlineSeconds": 600}}}, set()],
	"almost any is late": [{"startingDeadlineSeconds": 9}, {_missed(9)}],
	"any is late": [{"startingDeadlineSeconds": 0}, {_missed(0)}],
	"one at a time, if it is in time": [{"concurrencyPolicy": "Forbid", "startingDeadlineSeconds": 5}, {_missed(5)}],
}

test_verdict[note] if {
	some note, [spec, want] in _cases
	[cron_job_overlap.fail, cron_job_overlap.skip] == [want, set()] with input as _cron_job(spec)
}

test_suspended[note] if {
	some note, [spec, _] in _cases
	[cron_job_overlap.fail, cron_job_overlap.skip] == [set(), {"It is suspended."}] with input as _cron_job(object.union(spec, {"suspend": true}))
}
