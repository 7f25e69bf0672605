package k8s.backup_retention_short_test

import data.k8s.backup_retention_short

_of(template) := {"meta": {"kind": "Schedule", "name": "daily"}, "spec": {"schedule": "0 3 * * *", "template": template}}

_less(time) := sprintf("Its backups are kept for %s, less than 720h.", [time])

_cases := {
	"default": [_of({}), set(), set()],
	"nothing at all": [{"meta": {"kind": "Schedule"}, "spec": {}}, set(), set()],
	"zero": [_of({"ttl": "0s"}), set(), set()],
	"just so": [_of({"ttl": "720h0m0s"}), set(), set()],
	"short": [_of({"ttl": "719h59m59s"}), {_less("719h59m59s")}, set()],
	"no duration": [_of({"ttl": "30d"}), set(), {"30d is no duration."}],
}

test_verdict[note] if {
	some note, [document, messages, untold] in _cases
	found := backup_retention_short.fail with input as document
	{one.message | some one in found} == messages
	backup_retention_short.unknown == untold with input as document
}

test_finding if {
	backup_retention_short.fail == {{
		"path": "/spec/template/ttl",
		"message": _less("72h0m0s"),
		"evidence": {"ttl": "72h0m0s"},
		"patch": [{"op": "add", "path": "/spec/template/ttl", "value": "720h"}],
	}} with input as _of({"ttl": "72h0m0s"})
}

test_server_default[hours] if {
	some hours, number in {"24h": 1, "720h": 0}
	found := backup_retention_short.fail with input as _of({})
		with data.parameters.backup_retention_short as {"required": "720h", "server_default": hours}
	count(found) == number
}
