package k8s.rollout_recreate_test

import data.k8s.rollout_recreate

_document(type, high, volumes) := _with_claims(type, high, volumes, [])

_with_claims(type, high, volumes, items) := {
	"spec": {"strategy": {"type": type}},
	"pod": {"spec": {"volumes": volumes}},
	"related": {"replicas": {"min": 1, "max": high}, "volume_claims": {"total": count(items), "items": items}},
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

_two := array.concat(_claim, [{"name": "c", "persistentVolumeClaim": {"claimName": "more"}}])

_modes := {
	"one node": ["Recreate", 2, _claim, {"data": ["ReadWriteOnce"]}, [0, 1, 0]],
	"one pod": ["Recreate", 2, _claim, {"data": ["ReadWriteOncePod"]}, [0, 1, 0]],
	"one node, rolling": ["RollingUpdate", 2, _claim, {"data": ["ReadWriteOnce"]}, [0, 0, 0]],
	"one node, one replica": ["Recreate", 1, _claim, {"data": ["ReadWriteOnce"]}, [0, 1, 0]],
	"many nodes": ["Recreate", 2, _claim, {"data": ["ReadWriteMany"]}, [1, 0, 0]],
	"many readers": ["Recreate", 2, _claim, {"data": ["ReadOnlyMany"]}, [1, 0, 0]],
	"either": ["Recreate", 2, _claim, {"data": ["ReadWriteOnce", "ReadWriteMany"]}, [1, 0, 0]],
	"another claim": ["Recreate", 2, _claim, {"other": ["ReadWriteOnce"]}, [0, 0, 1]],
	"two, one of them unknown": ["Recreate", 2, _two, {"data": ["ReadWriteMany"]}, [0, 0, 1]],
	"two, one of them unknown, the other for one node": ["Recreate", 2, _two, {"data": ["ReadWriteOnce"]}, [0, 1, 0]],
	"two unlike ones": ["Recreate", 2, _two, {"data": ["ReadWriteMany"], "more": ["ReadWriteOnce"]}, [0, 1, 0]],
	"two for many": ["Recreate", 2, _two, {"data": ["ReadWriteMany"], "more": ["ReadOnlyMany"]}, [1, 0, 0]],
}

test_claims[note] if {
	some note, [type, high, volumes, modes, want] in _modes
	items := [{"name": name, "accessModes": modes[name]} | some name in object.keys(modes)]
	verdict := [
		count(rollout_recreate.fail),
		count(rollout_recreate.skip),
		count(rollout_recreate.unknown),
	] with input as _with_claims(type, high, volumes, items)
	verdict == want
}

test_claims_that_were_not_read if {
	document := json.remove(_document("Recreate", 2, _claim), ["/related/volume_claims"])
	count(rollout_recreate.unknown) == 1 with input as document
	count(rollout_recreate.fail) == 0 with input as document
}

test_skip_of_a_claim if {
	items := [{"name": "data", "accessModes": ["ReadWriteOnce"]}]
	reasons := rollout_recreate.skip with input as _with_claims("Recreate", 2, _claim, items)
	reasons == {"It has a volume that one node alone may mount."}
}
