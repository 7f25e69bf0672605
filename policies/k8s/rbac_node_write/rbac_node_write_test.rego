package k8s.rbac_node_write_test

import data.k8s.rbac_node_write
import data.lib.example_binding

_given := {"powers": {"node_write": [example_binding.rule(["patch"], ["nodes"])]}}

_moves := {"combinations": {"pod_move": [example_binding.pair(example_binding.rule(["patch"], ["nodes"]), example_binding.rule(["delete"], ["pods"]))]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("change nodes")]}],
	"moves": [object.union(_given, _moves), {["critical", example_binding.can("move pods to a node of their choice")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_node_write.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_node_write.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_node_write.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_node_write.fail) == 0 with input as example_binding.document(object.union(_given, _moves))
		with data.parameters.rbac_node_write as object.union(data.parameters.rbac_node_write, {"known_subjects": ["User alice"]})
}
