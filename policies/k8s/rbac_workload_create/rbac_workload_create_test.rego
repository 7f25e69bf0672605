package k8s.rbac_workload_create_test

import data.k8s.rbac_workload_create
import data.lib.example_binding

_given := {"powers": {"workload_create": [example_binding.rule(["create"], ["pods"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["high", example_binding.can("run pods")]}],
	"stronger": [object.union(_given, {"stronger": {"total": 1, "items": ["ServiceAccount shop/strong"]}}), {["critical", example_binding.can("run pods")]}],
	"open": [object.union(_given, {"open": {"total": 1, "items": ["shop"]}}), {["critical", example_binding.can("run pods")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_workload_create.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_workload_create.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_workload_create.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_workload_create.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_workload_create as object.union(data.parameters.rbac_workload_create, {"known_subjects": ["User alice"]})
}

_exempt := object.union(data.parameters.rbac_workload_create, {"exempt_namespaces": ["shop"]})

test_exempt_namespace if {
	count(rbac_workload_create.fail) == 0 with input as example_binding.document(_given) with data.parameters.rbac_workload_create as _exempt
	rbac_workload_create.skip == {"This namespace is exempt."} with input as example_binding.document(_given) with data.parameters.rbac_workload_create as _exempt
}

test_not_exempt if count(rbac_workload_create.skip) == 0 with input as example_binding.document(_given)

test_evidence if {
	some finding in rbac_workload_create.fail with input as example_binding.document(_given)
	finding.evidence.open == {"total": 0, "items": []}
	finding.evidence.stronger == {"total": 0, "items": []}
}
