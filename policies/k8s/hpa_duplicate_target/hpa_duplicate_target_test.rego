package k8s.hpa_duplicate_target_test

import data.k8s.hpa_duplicate_target

_document(items) := {
	"meta": {"namespace": "shop", "name": "m"},
	"related": {"rivals": {"total": count(items), "items": items}},
}

_rival(name) := {"name": name, "target": "Deployment web", "pods": 3, "names": ["web-1"]}

test_none if hpa_duplicate_target.fail == set() with input as _document([])

test_the_first_of_a_pair_bears_it if {
	found := {finding.key | some finding in hpa_duplicate_target.fail} with input as _document([
		_rival("a"),
		_rival("m"),
		_rival("n"),
		_rival("z"),
	])
	found == {"n", "z"}
}

test_finding if {
	hpa_duplicate_target.fail == {{
		"path": "/spec/scaleTargetRef",
		"key": "z",
		"message": "HorizontalPodAutoscaler z scales the same pods, by Deployment web.",
		"evidence": {"autoscaler": "z", "target": "Deployment web", "pods": 3, "names": ["web-1"]},
		"related": [{"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "z"}],
	}} with input as _document([_rival("z")])
}
