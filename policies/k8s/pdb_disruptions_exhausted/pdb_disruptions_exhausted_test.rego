package k8s.pdb_disruptions_exhausted_test

import data.k8s.pdb_disruptions_exhausted

_condition := {
	"type": "DisruptionAllowed",
	"status": "False",
	"reason": "InsufficientPods",
	"lastTransitionTime": "2026-06-01T10:00:00Z",
}

_status := {
	"disruptionsAllowed": 0,
	"expectedPods": 3,
	"currentHealthy": 1,
	"desiredHealthy": 2,
	"observedGeneration": 4,
	"conditions": [_condition],
}

_document(status) := {
	"meta": {"generation": 4},
	"now": "2026-06-01T12:00:00Z",
	"status": object.union(_status, status),
}

_since(time) := {"conditions": [object.union(_condition, {"lastTransitionTime": time})]}

_quiet := {
	"one is left": {"disruptionsAllowed": 1},
	"no pods": {"expectedPods": 0},
	"not looked at yet": {"observedGeneration": 3},
	"no condition": {"conditions": []},
	"another condition": {"conditions": [object.union(_condition, {"type": "Other"})]},
	"another reason": {"conditions": [object.union(_condition, {"reason": "SyncFailed"})]},
	"a short while": _since("2026-06-01T11:00:00Z"),
}

test_quiet[note] if {
	some note, status in _quiet
	pdb_disruptions_exhausted.fail == set() with input as _document(status)
}

test_one_pod if count(pdb_disruptions_exhausted.fail) == 1 with input as _document({"expectedPods": 1})

test_persisted if {
	count(pdb_disruptions_exhausted.fail) == 1 with input as _document(_since("2026-06-01T11:00:00Z"))
		with data.parameters.pdb_disruptions_exhausted as {"persisted": "59m"}
}

test_finding if {
	pdb_disruptions_exhausted.fail == {{
		"path": "/spec",
		"message": "No pod may be evicted since 2026-06-01T10:00:00Z: 1 of 3 pods are healthy, 2 are asked for.",
		"evidence": {"since": "2026-06-01T10:00:00Z", "healthy": 1, "desired": 2, "expected": 3},
	}} with input as _document({})
}
