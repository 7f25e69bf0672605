package k8s.rbac_role_write_test

import data.k8s.rbac_role_write
import data.lib.example_binding

_roles := {"powers": {"role_write": [example_binding.rule(["create"], ["roles"])]}}

_bindings := {"powers": {"binding_write": [example_binding.rule(["patch"], ["rolebindings"])]}}

# what a binding gives, severity and message
_cases := {
	"roles": [_roles, {["medium", example_binding.can("share rights with others")]}],
	"bindings": [_bindings, {["medium", example_binding.can("share rights with others")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_role_write.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_role_write.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_role_write.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_role_write.fail) == 0 with input as example_binding.document(object.union(_roles, _bindings))
		with data.parameters.rbac_role_write as object.union(data.parameters.rbac_role_write, {"known_subjects": ["User alice"]})
}
