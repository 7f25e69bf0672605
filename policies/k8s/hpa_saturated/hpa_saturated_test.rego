package k8s.hpa_saturated_test

import data.k8s.hpa_saturated

_condition := {
	"type": "ScalingLimited",
	"status": "True",
	"reason": "TooManyReplicas",
	"lastTransitionTime": "2026-06-01T05:00:00Z",
}

_document(low, current, condition) := {
	"now": "2026-06-01T12:00:00Z",
	"spec": {"minReplicas": low, "maxReplicas": 5},
	"status": {"currentReplicas": current, "conditions": [object.union(_condition, condition)]},
}

_cases := {
	"at its maximum": [2, 5, {}, 1, 0],
	"above it": [2, 6, {}, 1, 0],
	"below it": [2, 4, {}, 0, 0],
	"not limited": [2, 5, {"status": "False"}, 0, 0],
	"limited by its minimum": [2, 5, {"reason": "TooFewReplicas"}, 0, 0],
	"another condition": [2, 5, {"type": "AbleToScale"}, 0, 0],
	"for a short while": [2, 5, {"lastTransitionTime": "2026-06-01T06:00:00Z"}, 0, 0],
	"no range": [5, 5, {}, 0, 1],
}

test_verdict[note] if {
	some note, [low, current, condition, fails, skips] in _cases
	verdict := [count(hpa_saturated.fail), count(hpa_saturated.skip)] with input as _document(low, current, condition)
	verdict == [fails, skips]
}

test_skip if {
	hpa_saturated.skip == {"Its range is empty: it never scales."} with input as _document(5, 5, {})
}

test_persisted if {
	count(hpa_saturated.fail) == 1 with input as _document(2, 5, {"lastTransitionTime": "2026-06-01T11:00:00Z"})
		with data.parameters.hpa_saturated as {"persisted": "30m"}
}

test_finding if {
	hpa_saturated.fail == {{
		"path": "/spec/maxReplicas",
		"message": "It runs at its maximum of 5 replicas since 2026-06-01T05:00:00Z, and would run more.",
		"evidence": {"replicas": 6, "since": "2026-06-01T05:00:00Z"},
	}} with input as _document(2, 6, {})
}
