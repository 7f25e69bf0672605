package k8s.rbac_impersonate_test

import data.k8s.rbac_impersonate
import data.lib.example_binding

_users := {"powers": {"impersonate": [example_binding.rule(["impersonate"], ["users"])]}}

_accounts := {"powers": {"impersonate": [example_binding.rule(["impersonate"], ["uids", "serviceaccounts"])]}}

_groups := {"powers": {"impersonate": [example_binding.rule(["impersonate"], ["groups"])]}}

_masters := {"powers": {"impersonate": [object.union(example_binding.rule(["impersonate"], ["groups"]), {"names": ["ops", "system:masters"]})]}}

_master := {"powers": {"impersonate": [object.union(example_binding.rule(["impersonate"], ["users"]), {"names": ["system:masters"]})]}}

_ops := {"powers": {"impersonate": [object.union(example_binding.rule(["impersonate"], ["groups"]), {"names": ["ops"]})]}}

_uids := {"powers": {"impersonate": [example_binding.rule(["impersonate"], ["uids"])]}}

_constrained := {"powers": {"impersonate_constrained": [example_binding.rule(["impersonate:user-info"], ["users"])]}}

_limited := {"powers": {"impersonate_constrained": [object.union(example_binding.rule(["impersonate:user-info"], ["users"]), {"names": ["alice"]})]}}

# what a binding gives, severity and message
_cases := {
	"users": [_users, {["high", example_binding.can("act as anybody of their choice")]}],
	"accounts": [_accounts, {["high", example_binding.can("act as anybody of their choice")]}],
	"groups": [_groups, {["high", example_binding.can("act as anybody of their choice")]}],
	"stronger": [object.union(_accounts, {"stronger": {"total": 1, "items": ["ServiceAccount shop/strong"]}}), {["critical", example_binding.can("act as anybody of their choice")]}],
	"masters": [_masters, {["high", example_binding.can("act as anybody of their choice")]}],
	"a user of that name": [_master, {["medium", example_binding.can("act as some others")]}],
	"one group": [_ops, {["medium", example_binding.can("act as some others")]}],
	"uids": [_uids, {["medium", example_binding.can("act as some others")]}],
	"constrained": [_constrained, {["medium", example_binding.can("act as some others")]}],
	"constrained, of one user": [_limited, set()],
	"anybody and some": [object.union(_users, _constrained), {["high", example_binding.can("act as anybody of their choice")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_impersonate.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_impersonate.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_impersonate.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_impersonate.fail) == 0 with input as example_binding.document(object.union(_users, _constrained))
		with data.parameters.rbac_impersonate as object.union(data.parameters.rbac_impersonate, {"known_subjects": ["User alice"]})
}

test_evidence if {
	some finding in rbac_impersonate.fail with input as example_binding.document(_users)
	finding.evidence.stronger == {"total": 0, "items": []}
}
