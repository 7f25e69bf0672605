package k8s.rbac_wildcard_partial_test

import data.k8s.rbac_wildcard_partial
import data.lib.example_binding

_given := {"powers": {"wildcard_partial": [example_binding.rule(["*"], ["pods"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["medium", example_binding.can("use rights that are not written down")]}],
	"another power": [{"powers": {"other": [example_binding.rule(["get"], ["x"])]}}, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_wildcard_partial.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_wildcard_partial.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_wildcard_partial.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_wildcard_partial.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_wildcard_partial as object.union(data.parameters.rbac_wildcard_partial, {"known_subjects": ["User alice"]})
}
