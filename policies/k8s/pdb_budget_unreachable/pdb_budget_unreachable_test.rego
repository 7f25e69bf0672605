package k8s.pdb_budget_unreachable_test

import data.k8s.pdb_budget_unreachable

_covered := {
	"owners": {"total": 1, "items": [{"kind": "Deployment", "name": "web"}]},
	"bare": 0,
	"unscaled": {"total": 0, "items": []},
}

_document(spec, covered) := {"spec": spec, "related": {"covered": object.union(_covered, covered)}}

_budget(expected, desired, healthy, allowed) := {"budget": {
	"expected": expected,
	"desired": desired,
	"healthy": healthy,
	"allowed": allowed,
}}

_unscaled := {"unscaled": {"total": 1, "items": []}, "unknown": "it has no scale"}

_cases := {
	"one may go": [{"maxUnavailable": 1}, _budget(3, 2, 3, 1), [1, 0, 0, 0]],
	"none may go": [{"minAvailable": 3}, _budget(3, 3, 3, 0), [0, 1, 0, 0]],
	"no pods": [{"minAvailable": 3}, {}, [0, 0, 1, 0]],
	"no scale": [{"maxUnavailable": 1}, _unscaled, [0, 0, 1, 0]],
	"it fails": [{"maxUnavailable": 1}, {"failed": "not found", "unknown": "x"}, [0, 0, 1, 0]],
	"it fails, and would have no pods": [{"maxUnavailable": 1}, {"failed": "not found"}, [0, 0, 1, 0]],
	"unknown": [{"maxUnavailable": 1}, {"unknown": "x"}, [0, 0, 0, 1]],
}

test_verdict[note] if {
	some note, [spec, covered, [passes, fails, skips, unknowns]] in _cases
	found := [
		count(pdb_budget_unreachable.fail),
		count(pdb_budget_unreachable.skip),
		count(pdb_budget_unreachable.unknown),
	] with input as _document(spec, covered)
	found == [fails, skips, unknowns]
	passes == 1 - max(found)
}

test_reasons if {
	pdb_budget_unreachable.skip == {"There is no pod to evict."} with input as _document({}, {})
	pdb_budget_unreachable.skip == {"The disruption controller cannot work on it at all."} with input as _document(
		{"maxUnavailable": 1},
		_unscaled,
	)
	pdb_budget_unreachable.unknown == {"x"} with input as _document({}, {"unknown": "x"})
}

_findings := {
	"minAvailable: 3": [{"minAvailable": 3}, _budget(3, 3, 2, 0), {
		"path": "/spec/minAvailable",
		"message": "With 2 pods, the fewest there may be, minAvailable 3 of 3 asks for 3 healthy ones: none may be evicted.",
	}],
	"minAvailable: 90%": [
		{"minAvailable": "90%"},
		object.union(_budget(3, 3, 3, 0), {"budget": {"enough": 10}}),
		{
			"path": "/spec/minAvailable",
			"message": concat(" ", [
				"With 3 pods, the fewest there may be, minAvailable 90% of 3 asks for 3 healthy ones:",
				"none may be evicted.",
				"From 10 replicas on one may.",
			]),
		},
	],
	"maxUnavailable: 0": [{"maxUnavailable": 0}, _budget(5, 5, 5, 0), {
		"path": "/spec/maxUnavailable",
		"message": "With 5 pods, the fewest there may be, maxUnavailable 0 of 5 asks for 5 healthy ones: none may be evicted.",
	}],
	"bare pods": [{"maxUnavailable": 1}, _budget(0, 0, 2, 0), {
		"path": "/spec/maxUnavailable",
		"message": "With 2 pods, the fewest there may be, their owners ask for 0: none may be evicted.",
	}],
	"neither": [{}, _budget(0, 0, 2, 0), {
		"path": "/spec",
		"message": "With 2 pods, the fewest there may be, their owners ask for 0: none may be evicted.",
	}],
}

test_finding[note] if {
	some note, [spec, covered, want] in _findings
	evidence := {"budget": covered.budget, "owners": _covered.owners, "bare": 0}
	pdb_budget_unreachable.fail == {object.union(want, {"evidence": evidence})} with input as _document(spec, covered)
}
