package k8s.rbac_token_request_test

import data.k8s.rbac_token_request
import data.lib.example_binding

_given := {"powers": {"token_request": [example_binding.rule(["create"], ["serviceaccounts/token"])]}}

_named := {"powers": {"token_request": [object.union(example_binding.rule(["create"], ["serviceaccounts/token"]), {"names": ["a"]})]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("issue tokens of ServiceAccounts")]}],
	"stronger": [object.union(_given, {"stronger": {"total": 1, "items": ["ServiceAccount shop/strong"]}}), {["critical", example_binding.can("issue tokens of ServiceAccounts")]}],
	"any pod may run": [object.union(_given, {"open": {"total": 1, "items": ["shop"]}}), {["high", example_binding.can("issue tokens of ServiceAccounts")]}],
	"named": [_named, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_token_request.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_token_request.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_token_request.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_token_request.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_token_request as object.union(data.parameters.rbac_token_request, {"known_subjects": ["User alice"]})
}

test_evidence if {
	some finding in rbac_token_request.fail with input as example_binding.document(_given)
	finding.evidence.stronger == {"total": 0, "items": []}
}
