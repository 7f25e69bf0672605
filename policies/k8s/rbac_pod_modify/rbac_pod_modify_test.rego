package k8s.rbac_pod_modify_test

import data.k8s.rbac_pod_modify
import data.lib.example_binding

_given := {"powers": {"pod_modify": [example_binding.rule(["patch"], ["pods"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("change running pods")]}],
	"another power": [{"powers": {"other": [example_binding.rule(["get"], ["x"])]}}, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_pod_modify.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_pod_modify.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_pod_modify.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_pod_modify.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_pod_modify as object.union(data.parameters.rbac_pod_modify, {"known_subjects": ["User alice"]})
}
