package k8s.rbac_volume_create_test

import data.k8s.rbac_volume_create
import data.lib.example_binding

_given := {"powers": {"volume_create": [example_binding.rule(["create"], ["persistentvolumes"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("mount any folder of a node by a PersistentVolume")]}],
	"another power": [{"powers": {"other": [example_binding.rule(["get"], ["x"])]}}, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_volume_create.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_volume_create.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_volume_create.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_volume_create.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_volume_create as object.union(data.parameters.rbac_volume_create, {"known_subjects": ["User alice"]})
}
