package k8s.rollout_stalled_test

import data.k8s.rollout_stalled

_stuck := {
	"type": "Progressing",
	"status": "False",
	"reason": "ProgressDeadlineExceeded",
	"message": "ReplicaSet \"web-1\" has timed out progressing.",
	"lastTransitionTime": "2026-06-01T11:59:00Z",
}

_failing := {
	"type": "ReplicaFailure",
	"status": "True",
	"reason": "FailedCreate",
	"message": "exceeded quota",
	"lastTransitionTime": "2026-06-01T11:44:00Z",
}

_document(conditions) := {"now": "2026-06-01T12:00:00Z", "status": {"conditions": conditions}}

_cases := {
	"nothing": [[], set()],
	"progressing": [[object.union(_stuck, {"status": "True", "reason": "NewReplicaSetAvailable"})], set()],
	"stuck": [[_stuck], {"Progressing"}],
	"another condition": [[object.union(_stuck, {"type": "Available"})], set()],
	"failing": [[_failing], {"ReplicaFailure"}],
	"failing for a short while": [
		[object.union(_failing, {"lastTransitionTime": "2026-06-01T11:45:00Z"})],
		set(),
	],
	"failed once": [[object.union(_failing, {"status": "False"})], set()],
	"another condition is true": [[object.union(_failing, {"type": "Available"})], set()],
	"both": [[_stuck, _failing], {"Progressing", "ReplicaFailure"}],
}

test_verdict[note] if {
	some note, [conditions, want] in _cases
	keys := {finding.key | some finding in rollout_stalled.fail} with input as _document(conditions)
	keys == want
}

test_persisted if {
	short := object.union(_failing, {"lastTransitionTime": "2026-06-01T11:50:00Z"})
	count(rollout_stalled.fail) == 1 with input as _document([short])
		with data.parameters.rollout_stalled as {"persisted": "5m"}
}

test_finding if {
	rollout_stalled.fail == {{
		"path": "/spec",
		"key": "ReplicaFailure",
		"message": "FailedCreate since 2026-06-01T11:44:00Z: exceeded quota",
		"evidence": {"reason": "FailedCreate", "since": "2026-06-01T11:44:00Z"},
	}} with input as _document([_failing])
}
