package k8s.hpa_not_scaling_test

import data.k8s.hpa_not_scaling

_condition := {
	"type": "ScalingActive",
	"status": "False",
	"reason": "FailedGetResourceMetric",
	"message": "no metrics known for pod",
	"lastTransitionTime": "2026-06-01T11:44:00Z",
}

_document(status, created) := {
	"meta": {"created": created},
	"now": "2026-06-01T12:00:00Z",
	"status": status,
}

_with(changes) := {"conditions": [object.union(_condition, changes)]}

_cases := {
	"not active": [_with({}), {"ScalingActive"}],
	"not able": [_with({"type": "AbleToScale"}), {"AbleToScale"}],
	"limited": [_with({"type": "ScalingLimited"}), set()],
	"active": [_with({"status": "True"}), set()],
	"switched off": [_with({"reason": "ScalingDisabled"}), set()],
	"for a short while": [_with({"lastTransitionTime": "2026-06-01T11:45:00Z"}), set()],
	"no conditions": [{}, {"unseen"}],
	"empty conditions": [{"conditions": []}, {"unseen"}],
	"both": [
		{"conditions": [_condition, object.union(_condition, {"type": "AbleToScale"})]},
		{"ScalingActive", "AbleToScale"},
	],
}

test_verdict[note] if {
	some note, [status, want] in _cases
	keys := {finding.key | some finding in hpa_not_scaling.fail} with input as _document(status, "2026-06-01T08:00:00Z")
	keys == want
}

test_new_ones_have_no_conditions if {
	hpa_not_scaling.fail == set() with input as _document({}, "2026-06-01T11:50:00Z")
}

test_parameters if {
	parameters := {"persisted": "1m", "unseen": "1m"}
	short := _with({"lastTransitionTime": "2026-06-01T11:58:00Z"})
	count(hpa_not_scaling.fail) == 1 with input as _document(short, "2026-06-01T08:00:00Z")
		with data.parameters.hpa_not_scaling as parameters
	count(hpa_not_scaling.fail) == 1 with input as _document({}, "2026-06-01T11:58:00Z")
		with data.parameters.hpa_not_scaling as parameters
}

test_finding if {
	hpa_not_scaling.fail == {{
		"path": "/spec",
		"key": "ScalingActive",
		"message": concat(" ", [
			"ScalingActive is false since 2026-06-01T11:44:00Z, FailedGetResourceMetric:",
			"no metrics known for pod",
		]),
		"evidence": {"reason": "FailedGetResourceMetric", "since": "2026-06-01T11:44:00Z"},
	}} with input as _document(_with({}), "2026-06-01T08:00:00Z")
}

test_unseen if {
	hpa_not_scaling.fail == {{
		"path": "/spec",
		"key": "unseen",
		"message": "The controller has not looked at it yet: it has no conditions.",
		"evidence": {"created": "2026-06-01T08:00:00Z"},
	}} with input as _document({}, "2026-06-01T08:00:00Z")
}
