package k8s.rbac_status_write_test

import data.k8s.rbac_status_write
import data.lib.example_binding

_pods := {"powers": {"status_write": [example_binding.rule(["patch"], ["pods/status"])]}}

_services := {"powers": {"status_write": [example_binding.rule(["patch"], ["pods/status"]), example_binding.rule(["patch"], ["services/status"])]}}

# what a binding gives, severity and message
_cases := {
	"pods": [_pods, {["low", example_binding.can("redirect traffic")]}],
	"services": [_services, {["medium", example_binding.can("redirect traffic")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_status_write.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_status_write.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_status_write.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_status_write.fail) == 0 with input as example_binding.document(_pods)
		with data.parameters.rbac_status_write as object.union(data.parameters.rbac_status_write, {"known_subjects": ["User alice"]})
}
