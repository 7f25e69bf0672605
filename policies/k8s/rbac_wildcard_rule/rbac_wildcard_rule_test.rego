package k8s.rbac_wildcard_rule_test

import data.k8s.rbac_wildcard_rule
import data.lib.example_binding

_given := {"powers": {"wildcard_rule": [example_binding.rule(["*"], ["*"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("use every verb on every resource")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_wildcard_rule.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_wildcard_rule.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_wildcard_rule.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_wildcard_rule.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_wildcard_rule as object.union(data.parameters.rbac_wildcard_rule, {"known_subjects": ["User alice"]})
}

test_allowed_roles if {
	count(rbac_wildcard_rule.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_wildcard_rule as object.union(data.parameters.rbac_wildcard_rule, {"allowed_roles": ["ClusterRole r"]})
}
