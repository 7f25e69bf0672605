package k8s.pdb_missing_test

import data.k8s.pdb_missing

_document(low, total) := {"related": {
	"replicas": {"min": low, "max": 9},
	"disruption_budgets": {"total": total, "items": []},
}}

_cases := {
	"covered": [2, 1, 0, 0],
	"not covered": [2, 0, 1, 0],
	"many": [5, 0, 1, 0],
	"one": [1, 0, 0, 1],
	"one, covered": [1, 1, 0, 1],
	"none": [0, 0, 0, 1],
}

test_verdict[note] if {
	some note, [low, total, fails, skips] in _cases
	verdict := [count(pdb_missing.fail), count(pdb_missing.skip)] with input as _document(low, total)
	verdict == [fails, skips]
}

test_skip if {
	reason := "It may have fewer than 2 replicas: a budget would only block drains."
	pdb_missing.skip == {reason} with input as _document(1, 0)
}

test_finding if {
	pdb_missing.fail == {{
		"path": "/spec/replicas",
		"message": "It has 3 replicas or more, and no PodDisruptionBudget selects its pods.",
		"evidence": {"replicas": {"min": 3, "max": 9}},
	}} with input as _document(3, 0)
}
