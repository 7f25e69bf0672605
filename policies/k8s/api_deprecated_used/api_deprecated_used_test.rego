package k8s.api_deprecated_used_test

import data.k8s.api_deprecated_used

_document(version, cluster) := {"meta": {"apiVersion": version}, "cluster": object.union({"live": false}, cluster)}

# by version: the release that has it no more, what replaced it
_cases := {
	"apps/v1beta1": ["1.16", "apps/v1"],
	"apps/v1beta2": ["1.16", "apps/v1"],
	"networking.k8s.io/v1beta1": ["1.22", "networking.k8s.io/v1"],
	"batch/v1beta1": ["1.25", "batch/v1"],
	"policy/v1beta1": ["1.25", "policy/v1"],
	"autoscaling/v2beta1": ["1.25", "autoscaling/v2"],
	"autoscaling/v2beta2": ["1.26", "autoscaling/v2"],
}

test_gone[version] if {
	some version, [removed, instead] in _cases
	api_deprecated_used.fail == {{
		"path": "/apiVersion",
		"message": sprintf("Kubernetes %s and later have no %s; %s replaced it.", [removed, version, instead]),
		"severity": "high",
		"evidence": {"version": version, "removed_in": removed, "instead": instead},
	}} with input as _document(version, {"version": ""})
}

test_there if {
	every version in ["apps/v1", "batch/v1", "policy/v1", "autoscaling/v1", "autoscaling/v2", "v1"] {
		api_deprecated_used.fail == set() with input as _document(version, {"version": "v1.36.3"})
		api_deprecated_used.skip == set() with input as _document(version, {"version": "v1.36.3"})
	}
}

test_severity[version] if {
	some version, severity in {
		"v1.24": "medium",
		"v1.24.9+k3s1": "medium",
		"v1.9": "medium",
		"v1.25.0": "high",
		"v1.36.3": "high",
		"v2.0": "high",
	}
	{one.severity | some one in api_deprecated_used.fail} == {severity} with input as _document(
		"policy/v1beta1",
		{"version": version},
	)
}

test_a_cluster_does_not_tell if {
	document := _document("policy/v1beta1", {"live": true, "version": "v1.24.0"})
	api_deprecated_used.fail == set() with input as document
	api_deprecated_used.skip == {"A cluster does not tell in which version an object was written."} with input as document
}
