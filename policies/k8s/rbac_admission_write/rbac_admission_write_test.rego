package k8s.rbac_admission_write_test

import data.k8s.rbac_admission_write
import data.lib.example_binding

_mutating := {"powers": {"admission_write": [example_binding.rule(["get"], ["x"]), example_binding.rule(["delete", "patch"], ["validatingwebhookconfigurations", "mutatingadmissionpolicies"])]}}

_validating := {"powers": {"admission_write": [example_binding.rule(["create"], ["validatingwebhookconfigurations"])]}}

_deletes := {"powers": {"admission_write": [example_binding.rule(["delete", "deletecollection"], ["mutatingwebhookconfigurations"])]}}

# what a binding gives, severity and message
_cases := {
	"mutating": [_mutating, {["critical", example_binding.can("change what admission lets through")]}],
	"validating": [_validating, {["high", example_binding.can("change what admission lets through")]}],
	"deletes": [_deletes, {["high", example_binding.can("change what admission lets through")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_admission_write.fail} with input as example_binding.document(case)
	verdict == found
}

test_each_change_of_a_mutating_one_is_critical[verb] if {
	some verb in ["create", "update", "patch"]
	case := {"powers": {"admission_write": [example_binding.rule([verb], ["mutatingwebhookconfigurations"])]}}
	some finding in rbac_admission_write.fail with input as example_binding.document(case)
	finding.severity == "critical"
}

test_excused if {
	rbac_admission_write.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_admission_write.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_admission_write.fail) == 0 with input as example_binding.document(_mutating)
		with data.parameters.rbac_admission_write as object.union(data.parameters.rbac_admission_write, {"known_subjects": ["User alice"]})
}
