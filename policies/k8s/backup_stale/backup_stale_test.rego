package k8s.backup_stale_test

import data.k8s.backup_stale

_now := "2026-06-03T12:00:00Z"

_of(kind, runs, meta) := {
	"meta": object.union({"kind": kind, "namespace": "ops", "name": "db-backup", "created": "2026-01-01T00:00:00Z"}, meta),
	"now": _now,
	"related": {"backup_runs": runs},
}

_daily := {"interval": 86400}

_succeeded(time) := object.union(_of("CronJob", _daily, {}), {"status": {"lastSuccessfulTime": time}})

_completed(time) := {"interval": 86400, "completed": time}

_paused := {"interval": 86400, "off": "it is paused"}

_unread := {"reason": "x"}

_stale(time) := sprintf("No whole backup was made since %s, and one should be made every 86400 seconds.", [time])

_never := _stale("2026-01-01T00:00:00Z")

_off := "It makes no backups: it is paused."

_other := {"name": "clean"}

_not_one := "It is none of the CronJobs that make backups."

# messages, skip, unknown
_cases := {
	"fresh": [_of("Schedule", _completed("2026-06-03T03:00:00Z"), {}), set(), set(), set()],
	"just so": [_of("Schedule", _completed("2026-06-01T12:00:00Z"), {}), set(), set(), set()],
	"stale": [_of("Schedule", _completed("2026-06-01T11:59:59Z"), {}), {_stale("2026-06-01T11:59:59Z")}, set(), set()],
	"a moment too old": [
		_of("Schedule", _completed("2026-06-01T11:59:59.999999999Z"), {}),
		{_stale("2026-06-01T11:59:59.999999999Z")},
		set(), set(),
	],
	"dots in its name": [_of("CronJob", _daily, {"name": "db.backup.nightly"}), {_never}, set(), set()],
	"never": [_of("Schedule", _daily, {}), {_never}, set(), set()],
	"young": [_of("Schedule", _daily, {"created": "2026-06-02T00:00:00Z"}), set(), set(), set()],
	"paused": [_of("Schedule", _paused, {}), {_off}, set(), set()],
	"unread": [_of("Schedule", _unread, {}), set(), set(), {"x"}],
	"unread and paused": [_of("Schedule", {"reason": "x", "off": "it is paused"}, {}), {_off}, set(), set()],
	"whatever its name": [_of("Schedule", _daily, _other), {_never}, set(), set()],
	"cron job": [_succeeded("2026-06-03T03:00:00Z"), set(), set(), set()],
	"stale cron job": [_succeeded("2026-05-03T03:00:00Z"), {_stale("2026-05-03T03:00:00Z")}, set(), set()],
	"another cron job": [_of("CronJob", _daily, _other), set(), {_not_one}, set()],
	"another that is off": [_of("CronJob", _paused, _other), set(), {_not_one}, set()],
	"another, unread": [_of("CronJob", _unread, _other), set(), {_not_one}, set()],
	"another, in a namespace of that name": [_of("CronJob", _daily, {"namespace": "backup", "name": "clean"}), set(), {_not_one}, set()],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	found := backup_stale.fail with input as document
	{one.message | some one in found} == messages
	backup_stale.skip == skipped with input as document
	backup_stale.unknown == untold with input as document
}

test_findings if {
	backup_stale.fail == {{"path": "/spec", "key": "off", "message": _off}} with input as _of("Schedule", _paused, {})
	backup_stale.fail == {{
		"path": "/spec/schedule",
		"key": "stale",
		"message": _never,
		"evidence": {"since": "2026-01-01T00:00:00Z", "interval": 86400},
	}} with input as _of("Schedule", _daily, {})
}

test_intervals[number] if {
	some number, findings in {1: 1, 2: 0}
	found := backup_stale.fail with input as _of("Schedule", _completed("2026-06-02T03:00:00Z"), {})
		with data.parameters.backup_stale as {"intervals": number, "cron_jobs": []}
	count(found) == findings
}

test_named_cron_jobs[pattern] if {
	some pattern, number in {"ops/db-backup": 1, "ops/*": 1, "*": 0, "shop/*": 0}
	found := backup_stale.fail with input as _of("CronJob", _daily, {})
		with data.parameters.backup_stale as {"intervals": 2, "cron_jobs": ["x", pattern]}
	count(found) == number
}
