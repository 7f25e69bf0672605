package k8s.read_write_once_claim_shared_test

import data.k8s.read_write_once_claim_shared

_of(replicas, modes) := {
	"pod": {"path": "/spec/template/spec", "spec": {"volumes": [
		{"name": "tmp", "emptyDir": {}},
		{"name": "data", "persistentVolumeClaim": {"claimName": "disk"}},
	]}},
	"related": {
		"replicas": {"max": replicas},
		"volume_claims": {"total": 1, "items": [{"name": "disk", "accessModes": modes}]},
	},
}

_finding(replicas, modes) := {
	"path": "/spec/template/spec/volumes/1",
	"message": sprintf("Up to %d replicas share claim disk, which one node alone may mount.", [replicas]),
	"evidence": {"claim": "disk", "accessModes": modes, "replicas": replicas},
}

_once := ["ReadWriteOnce"]

_cases := {
	"two": [2, _once, {_finding(2, _once)}],
	"one pod": [3, ["ReadWriteOncePod"], {_finding(3, ["ReadWriteOncePod"])}],
	"many write": [2, ["ReadWriteMany"], set()],
	"many read": [2, ["ReadOnlyMany"], set()],
	"one of both": [2, ["ReadWriteOnce", "ReadOnlyMany"], set()],
}

test_verdict[note] if {
	some note, [replicas, modes, want] in _cases
	document := _of(replicas, modes)
	read_write_once_claim_shared.fail == want with input as document
	read_write_once_claim_shared.skip == set() with input as document
	read_write_once_claim_shared.unknown == set() with input as document
}

_nothing := {"It has no claims, or one replica at most."}

test_alone if {
	document := _of(1, _once)
	[read_write_once_claim_shared.fail, read_write_once_claim_shared.skip] == [set(), _nothing] with input as document
	read_write_once_claim_shared.unknown == set() with input as document
}

test_no_claims if {
	document := object.union(_of(2, _once), {"pod": {"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}]}}})
	[read_write_once_claim_shared.fail, read_write_once_claim_shared.skip] == [set(), _nothing] with input as document
}

test_unknown[note] if {
	some note, items in {"not there": [], "nothing told": [{"name": "disk"}], "another": [{"name": "x", "accessModes": _once}]}
	document := object.union(_of(2, _once), {"related": {"volume_claims": {"items": items}}})
	read_write_once_claim_shared.unknown == {"Which nodes may mount claim disk is not known."} with input as document
	read_write_once_claim_shared.fail == set() with input as document
}
