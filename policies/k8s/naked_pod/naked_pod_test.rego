package k8s.naked_pod_test

import data.k8s.naked_pod

_pod(meta, policy) := {
	"meta": object.union({"namespace": "shop", "name": "web", "annotations": {}}, meta),
	"pod": {"spec": {"restartPolicy": policy}},
}

_controller := {"controller": {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d4f"}}

_mirror := {"annotations": {"kubernetes.io/config.mirror": "1f3870be274f6c49"}}

_ends := "It ends when its work is done."

_file := "It is a file on its node, and the kubelet there replaces it."

# why it is not judged, whether it fails
_cases := {
	"naked": [_pod({}, "Always"), set(), true],
	"controlled": [_pod(_controller, "Always"), set(), false],
	"ends": [_pod({}, "Never"), {_ends}, false],
	"is tried again until it ends": [_pod({}, "OnFailure"), {_ends}, false],
	"controlled, and ends": [_pod(_controller, "Never"), {_ends}, false],
	"static": [_pod(_mirror, "Always"), {_file}, false],
	"other annotation": [_pod({"annotations": {"kubernetes.io/config.source": "api"}}, "Always"), set(), true],
	"namespace of others": [_pod({"namespace": "lab"}, "Always"), {"Pods of this namespace may stand alone."}, false],
}

test_verdict[note] if {
	some note, [document, reasons, want] in _cases
	found := naked_pod.fail with input as document
		with data.parameters.naked_pod as {"exempt_namespaces": ["lab"]}
	skipped := naked_pod.skip with input as document
		with data.parameters.naked_pod as {"exempt_namespaces": ["lab"]}
	count(found) == 1 == want
	skipped == reasons
}

test_finding if {
	naked_pod.fail == {{
		"path": "/metadata/ownerReferences",
		"message": "Nothing replaces pod web when it is gone: it has no controller.",
		"evidence": {"restartPolicy": "Always"},
	}} with input as _pod({}, "Always")
}
