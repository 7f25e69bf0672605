package k8s.rbac_bind_test

import data.k8s.rbac_bind
import data.lib.example_binding

_write := example_binding.rule(["create"], ["rolebindings"])

_bind(names) := example_binding.pair(object.union(example_binding.rule(["bind"], ["clusterroles"]), names), _write)

_binds(pairs) := {"combinations": {"role_grant": pairs}}

_any := _bind({})

_view := _bind({"names": ["view"]})

_edit := _bind({"names": ["view", "edit"]})

# what a binding gives, severity and message
_cases := {
	"any": [_binds([_any]), {["high", example_binding.can("bind any role")]}],
	"any, everywhere": [_binds([object.union(_any, {"namespace": ""})]), {["critical", "User alice can bind any role in the whole cluster, by rule 0 of ClusterRole r."]}],
	"a weak one": [_binds([_view]), set()],
	"a named one": [_binds([_view, _edit]), {["high", example_binding.can("bind roles that they need not hold")]}],
	"a named one and any": [_binds([_edit, _any]), {["high", example_binding.can("bind any role")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_bind.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_bind.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_bind.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_bind.fail) == 0 with input as example_binding.document(_binds([_edit]))
		with data.parameters.rbac_bind as object.union(data.parameters.rbac_bind, {"known_subjects": ["User alice"]})
}
