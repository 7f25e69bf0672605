package k8s.rbac_namespace_label_test

import data.k8s.rbac_namespace_label
import data.lib.example_binding

_given := {"powers": {"namespace_label": [example_binding.rule(["patch"], ["namespaces"])]}}

_guarded := {"enforced": {"total": 1, "items": ["shop"]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["medium", example_binding.can("change the labels of namespaces")]}],
	"a level is enforced": [object.union(_given, _guarded), {["high", example_binding.can("change the labels of namespaces")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_namespace_label.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_namespace_label.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_namespace_label.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_namespace_label.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_namespace_label as object.union(data.parameters.rbac_namespace_label, {"known_subjects": ["User alice"]})
}

test_evidence if {
	some finding in rbac_namespace_label.fail with input as example_binding.document(object.union(_given, _guarded))
	finding.evidence.enforced == {"total": 1, "items": ["shop"]}
}
