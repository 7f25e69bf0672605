package k8s.hpa_range_empty_test

import data.k8s.hpa_range_empty

_autoscaler(least, most) := {"meta": {"name": "web"}, "spec": {"minReplicas": least, "maxReplicas": most}}

test_empty[most] if {
	some most in [2, 3]
	hpa_range_empty.fail == {{
		"path": "/spec",
		"message": sprintf("Autoscaler web cannot scale: minReplicas is 3, maxReplicas %d.", [most]),
		"evidence": {"minReplicas": 3, "maxReplicas": most},
	}} with input as _autoscaler(3, most)
}

test_room if hpa_range_empty.fail == set() with input as _autoscaler(3, 4)
