package k8s.pdb_overlap_test

import data.k8s.pdb_overlap

_document(items) := {
	"meta": {"namespace": "shop", "name": "m"},
	"related": {"covered": {"budgets": {"total": count(items), "items": items}}},
}

_other(name) := {"name": name, "pods": 3, "names": ["web-1"], "owners": ["Deployment web", "Pod x"]}

test_none if pdb_overlap.fail == set() with input as _document([])

test_the_first_of_a_pair_bears_it if {
	found := {finding.key | some finding in pdb_overlap.fail} with input as _document([
		_other("a"),
		_other("m"),
		_other("n"),
		_other("z"),
	])
	found == {"n", "z"}
}

test_finding if {
	pdb_overlap.fail == {{
		"path": "/spec/selector",
		"key": "z",
		"message": "PodDisruptionBudget z selects pods of Deployment web, Pod x too.",
		"evidence": {
			"budget": "z",
			"pods": 3,
			"names": ["web-1"],
			"owners": ["Deployment web", "Pod x"],
		},
		"related": [{"kind": "PodDisruptionBudget", "namespace": "shop", "name": "z"}],
	}} with input as _document([_other("z")])
}
