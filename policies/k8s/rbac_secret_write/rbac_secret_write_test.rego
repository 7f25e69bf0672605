package k8s.rbac_secret_write_test

import data.k8s.rbac_secret_write
import data.lib.example_binding

_strong := {"stronger": {"total": 1, "items": ["ServiceAccount shop/strong"]}}

_pair := example_binding.pair(example_binding.rule(["create"], ["secrets"]), example_binding.rule(["get"], ["secrets"]))

_makes := {"combinations": {"account_token": [_pair, object.union(_pair, _strong)]}}

_changes := object.union(_strong, {"powers": {"secret_change": [example_binding.rule(["patch"], ["secrets"])]}})

_named := object.union(_strong, {"powers": {"secret_change": [object.union(example_binding.rule(["patch"], ["secrets"]), {"names": ["a"]})]}})

# what a binding gives, severity and message
_cases := {
	"made": [_makes, {["high", example_binding.can("make and read a token of a stronger ServiceAccount")]}],
	"changed": [_changes, {["high", example_binding.can("read a token of a stronger ServiceAccount by changing secrets")]}],
	"both": [object.union(_makes, _changes), {["high", example_binding.can("make and read a token of a stronger ServiceAccount")]}],
	"changed by name": [_named, set()],
	"nobody is stronger": [{"combinations": {"account_token": [_pair]}, "powers": _changes.powers}, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_secret_write.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_secret_write.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_secret_write.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_secret_write.fail) == 0 with input as example_binding.document(object.union(_makes, _changes))
		with data.parameters.rbac_secret_write as object.union(data.parameters.rbac_secret_write, {"known_subjects": ["User alice"]})
}

test_evidence if {
	some finding in rbac_secret_write.fail with input as example_binding.document(_changes)
	finding.evidence.stronger == {"total": 1, "items": ["ServiceAccount shop/strong"]}
}
