package k8s.backup_schedule_missing_test

import data.k8s.backup_schedule_missing

_list(items) := {"total": count(items), "items": items}

_of(seen) := {
	"meta": {"kind": "Namespace", "name": "shop"},
	"cluster": {"apis": ["v1"]},
	"related": {"backup_schedules": object.union(
		{"claims": 3, "velero": true, "covered": 0, "off": _list([]), "unsure": _list([]), "cron_jobs": _list([])},
		seen,
	)},
}

_nothing := "Its claims: 3, and nothing makes backups of them"

_off := "Schedule velero/daily would, but it is paused"

_paused := sprintf("%s; %s", [_nothing, _off])

_no_claims := "It holds no claims."

_no_velero := "Velero is not installed, and no CronJobs are named: something else may make backups."

# messages, skip, unknown
_cases := {
	"none": [_of({}), {_nothing}, set(), set()],
	"no schedules at all": [object.union(_of({"velero": false}), {"cluster": {"apis": ["velero.io/v1"]}}), {_nothing}, set(), set()],
	"one claim": [_of({"claims": 1}), {"Its claims: 1, and nothing makes backups of them"}, set(), set()],
	"covered": [_of({"covered": 1}), set(), set(), set()],
	"paused": [_of({"off": _list([_off])}), {_paused}, set(), set()],
	"paused, and another": [_of({"off": _list([_off]), "covered": 1}), set(), set(), set()],
	"unsure": [_of({"unsure": _list(["x"])}), set(), set(), {"x"}],
	"unsure, and another": [_of({"unsure": _list(["x"]), "covered": 1}), set(), set(), set()],
	"many cron jobs": [_of({"cron_jobs": {"total": 21, "items": ["a"]}}), {_nothing}, set(), set()],
	"no claims": [_of({"claims": 0, "unsure": _list(["x"])}), set(), {_no_claims}, set()],
	"no velero": [_of({"velero": false, "unsure": _list(["x"])}), set(), {_no_velero}, set()],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	found := backup_schedule_missing.fail with input as document
	{one.message | some one in found} == messages
	backup_schedule_missing.skip == skipped with input as document
	backup_schedule_missing.unknown == untold with input as document
}

test_finding if {
	backup_schedule_missing.fail == {{
		"path": "/metadata/name",
		"message": _paused,
		"evidence": {"claims": 3, "off": _list([_off])},
	}} with input as _of({"off": _list([_off])})
}

_with(namespaces, cron_jobs) := {"namespaces": namespaces, "cron_jobs": cron_jobs}

test_named_namespaces[name] if {
	some name, number in {"shop": 1, "bank": 0}
	found := backup_schedule_missing.fail with input as _of({"claims": 0})
		with data.parameters.backup_schedule_missing as _with([name], [])
	count(found) == number
}

_not_all := "Not all CronJobs of the namespace are seen."

test_cron_jobs[note] if {
	some note, [jobs, number, untold] in {
		"none": [_list([]), 1, set()],
		"others": [_list(["clean", "the-backup"]), 1, set()],
		"its own": [_list(["clean", "backup-db"]), 0, set()],
		"too many": [{"total": 21, "items": ["clean"]}, 0, {_not_all}],
		"too many, but its own": [{"total": 21, "items": ["backup-db"]}, 0, set()],
	}
	document := _of({"cron_jobs": jobs, "velero": false})
	found := backup_schedule_missing.fail with input as document
		with data.parameters.backup_schedule_missing as _with([], ["backup-*"])
	count(found) == number
	backup_schedule_missing.unknown == untold with input as document
		with data.parameters.backup_schedule_missing as _with([], ["backup-*"])
	backup_schedule_missing.skip == set() with input as document
		with data.parameters.backup_schedule_missing as _with([], ["backup-*"])
}

test_one_of_several_patterns if {
	backup_schedule_missing.fail == set() with input as _of({"cron_jobs": _list(["backup-db"])})
		with data.parameters.backup_schedule_missing as _with([], ["x", "backup-*"])
}
