package k8s.hpa_target_missing_test

import data.k8s.hpa_target_missing

_ref := {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}

_document(target) := {"spec": {"scaleTargetRef": _ref}, "related": {"target": target}}

test_there if {
	[hpa_target_missing.fail, hpa_target_missing.unknown] == [set(), set()] with input as _document({
		"exists": true,
		"reason": "x",
	})
}

test_not_there if {
	document := _document({"exists": false, "reason": "Deployment web is not in namespace shop"})
	hpa_target_missing.fail == {{
		"path": "/spec/scaleTargetRef",
		"message": "It scales nothing: Deployment web is not in namespace shop.",
		"evidence": {"scaleTargetRef": _ref},
	}} with input as document
	hpa_target_missing.unknown == set() with input as document
}

test_unknown if {
	document := _document({"reason": "it is not known"})
	[hpa_target_missing.fail, hpa_target_missing.unknown] == [set(), {"it is not known."}] with input as document
}
