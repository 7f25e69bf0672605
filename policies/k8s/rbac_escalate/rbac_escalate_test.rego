package k8s.rbac_escalate_test

import data.k8s.rbac_escalate
import data.lib.example_binding

_given := {"powers": {"escalate": [example_binding.rule(["escalate"], ["roles"])]}}

# what a binding gives, severity and message
_cases := {
	"in a namespace": [_given, {["high", example_binding.can("put any right into roles")]}],
	"everywhere": [object.union(_given, {"namespace": ""}), {["critical", "User alice can put any right into roles in the whole cluster, by rule 0 of ClusterRole r."]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_escalate.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_escalate.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_escalate.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_escalate.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_escalate as object.union(data.parameters.rbac_escalate, {"known_subjects": ["User alice"]})
}
