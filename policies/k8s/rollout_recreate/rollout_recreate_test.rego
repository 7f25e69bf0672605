package k8s.rollout_recreate_test

import data.k8s.rollout_recreate

_document(type, high, volumes) := {
	"spec": {"strategy": {"type": type}},
	"pod": {"spec": {"volumes": volumes}},
	"related": {"replicas": {"min": 1, "max": high}},
}

_claim := [{"name": "a", "emptyDir": {}}, {"name": "b", "persistentVolumeClaim": {"claimName": "data"}}]

_cases := {
	"rolling": ["RollingUpdate", 3, [], [0, 0, 0]],
	"rolling, with a claim": ["RollingUpdate", 3, _claim, [0, 0, 0]],
	"recreated": ["Recreate", 2, [{"name": "a", "emptyDir": {}}], [1, 0, 0]],
	"one replica": ["Recreate", 1, [], [0, 1, 0]],
	"one replica with a claim": ["Recreate", 1, _claim, [0, 1, 0]],
	"no replica": ["Recreate", 0, [], [0, 1, 0]],
	"claim": ["Recreate", 2, _claim, [0, 0, 1]],
}

test_verdict[note] if {
	some note, [type, high, volumes, want] in _cases
	verdict := [
		count(rollout_recreate.fail),
		count(rollout_recreate.skip),
		count(rollout_recreate.unknown),
	] with input as _document(type, high, volumes)
	verdict == want
}

test_finding if {
	rollout_recreate.fail == {{
		"path": "/spec/strategy/type",
		"message": "Every release stops all of its pods before it starts a new one.",
		"evidence": {"strategy": "Recreate", "replicas": 3},
		"patch": [{"op": "replace", "path": "/spec/strategy", "value": {"type": "RollingUpdate"}}],
	}} with input as _document("Recreate", 3, [])
}

test_skip if {
	rollout_recreate.skip == {"It has one replica at most."} with input as _document("Recreate", 1, [])
}

test_unknown if {
	reason := "Whether another node may mount the claim data is not known."
	rollout_recreate.unknown == {reason} with input as _document("Recreate", 3, _claim)
}
