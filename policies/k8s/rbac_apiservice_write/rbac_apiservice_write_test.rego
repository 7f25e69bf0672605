package k8s.rbac_apiservice_write_test

import data.k8s.rbac_apiservice_write
import data.lib.example_binding

_given := {"powers": {"apiservice_write": [example_binding.rule(["patch"], ["apiservices"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("change the API that others use")]}],
	"another power": [{"powers": {"other": [example_binding.rule(["get"], ["x"])]}}, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_apiservice_write.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_apiservice_write.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_apiservice_write.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_apiservice_write.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_apiservice_write as object.union(data.parameters.rbac_apiservice_write, {"known_subjects": ["User alice"]})
}
