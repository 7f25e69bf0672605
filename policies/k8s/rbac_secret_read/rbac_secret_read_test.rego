package k8s.rbac_secret_read_test

import data.k8s.rbac_secret_read
import data.lib.example_binding

_wide := {"powers": {"secret_read": [example_binding.rule(["list"], ["secrets"]), object.union(example_binding.rule(["get"], ["secrets"]), {"names": ["a"]})]}}

_named := {"powers": {"secret_read": [object.union(example_binding.rule(["get"], ["secrets"]), {"names": ["a", "b", "c", "d", "e"]})]}}

_many := {"powers": {"secret_read": [object.union(example_binding.rule(["get"], ["secrets"]), {"names": ["a", "b", "c", "d", "e", "f"]})]}}

# what a binding gives, severity and message
_cases := {
	"in a namespace": [_wide, {["medium", example_binding.can("read all secrets")]}],
	"everywhere": [object.union(_wide, {"namespace": ""}), {["high", "User alice can read all secrets in the whole cluster, by rule 0 of ClusterRole r."]}],
	"by name": [_named, {["info", example_binding.can("read some secrets")]}],
	"by many names": [_many, {["medium", example_binding.can("read all secrets")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_secret_read.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_secret_read.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_secret_read.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_secret_read.fail) == 0 with input as example_binding.document(_named)
		with data.parameters.rbac_secret_read as object.union(data.parameters.rbac_secret_read, {"known_subjects": ["User alice"]})
}
