package k8s.cron_job_history_unbounded_test

import data.k8s.cron_job_history_unbounded

_found(successful, failed) := found if {
	found := cron_job_history_unbounded.fail with input as {
		"meta": {"name": "report"},
		"spec": {"successfulJobsHistoryLimit": successful, "failedJobsHistoryLimit": failed},
	}
}

_kept(field, number, most) := {
	"path": sprintf("/spec/%s", [field]),
	"message": sprintf("Cron job report keeps %d ended runs (%s), %d at most.", [number, field, most]),
	"evidence": {field: number},
}

_none := {
	"path": "/spec/failedJobsHistoryLimit",
	"message": "Cron job report keeps no failed run to look at.",
	"evidence": {"failedJobsHistoryLimit": 0},
	"patch": [{"op": "replace", "path": "/spec/failedJobsHistoryLimit", "value": 1}],
}

_cases := [
	[3, 1, set()],
	[10, 10, set()],
	[0, 1, set()],
	[11, 1, {_kept("successfulJobsHistoryLimit", 11, 10)}],
	[3, 11, {_kept("failedJobsHistoryLimit", 11, 10)}],
	[3, 0, {_none}],
	[100, 0, {_kept("successfulJobsHistoryLimit", 100, 10), _none}],
]

test_verdict[case] if {
	some case in _cases
	[successful, failed, want] := case
	_found(successful, failed) == want
}

test_parameters if {
	found := _found(3, 3) with data.parameters.cron_job_history_unbounded as {"max_successful": 2, "max_failed": 1}
	found == {_kept("successfulJobsHistoryLimit", 3, 2), _kept("failedJobsHistoryLimit", 3, 1)}
}
