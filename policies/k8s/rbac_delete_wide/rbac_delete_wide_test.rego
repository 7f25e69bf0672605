package k8s.rbac_delete_wide_test

import data.k8s.rbac_delete_wide
import data.lib.example_binding

_wide := {"powers": {"delete_wide": [example_binding.rule(["delete"], ["events"]), example_binding.rule(["delete"], ["events", "nodes"])]}}

_traces := {"powers": {"delete_wide": [example_binding.rule(["delete"], ["events"])]}}

# what a binding gives, severity and message
_cases := {
	"wide": [_wide, {["medium", example_binding.can("delete what cannot be brought back")]}],
	"traces": [_traces, {["low", example_binding.can("delete traces")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_delete_wide.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_delete_wide.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_delete_wide.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_delete_wide.fail) == 0 with input as example_binding.document(_traces)
		with data.parameters.rbac_delete_wide as object.union(data.parameters.rbac_delete_wide, {"known_subjects": ["User alice"]})
}
