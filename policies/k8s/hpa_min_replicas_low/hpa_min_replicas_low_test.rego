package k8s.hpa_min_replicas_low_test

import data.k8s.hpa_min_replicas_low

_autoscaler(least, most) := {"meta": {"name": "web"}, "spec": {"minReplicas": least, "maxReplicas": most}}

_finding(least, most) := {
	"path": "/spec/minReplicas",
	"message": sprintf("Autoscaler web may go down to minReplicas %d.", [least]),
	"evidence": {"minReplicas": least, "maxReplicas": most},
}

_patch(value) := {"patch": [{"op": "add", "path": "/spec/minReplicas", "value": value}]}

test_low if {
	hpa_min_replicas_low.fail == {object.union(_finding(1, 5), _patch(2))} with input as _autoscaler(1, 5)
}

test_low_up_to_the_minimum if {
	hpa_min_replicas_low.fail == {object.union(_finding(1, 2), _patch(2))} with input as _autoscaler(1, 2)
}

test_low_without_room if hpa_min_replicas_low.fail == {_finding(1, 1)} with input as _autoscaler(1, 1)

test_enough[least] if {
	some least in [2, 3]
	[hpa_min_replicas_low.fail, hpa_min_replicas_low.skip] == [set(), set()] with input as _autoscaler(least, 5)
}

test_other_minimum if {
	hpa_min_replicas_low.fail == {object.union(_finding(2, 5), _patch(3))} with input as _autoscaler(2, 5)
		with data.parameters.hpa_min_replicas_low as {"minimum": 3}
}

test_none_on_purpose if {
	[hpa_min_replicas_low.fail, hpa_min_replicas_low.skip] == [set(), {"It goes down to none on purpose."}] with input as _autoscaler(0, 5)
}
