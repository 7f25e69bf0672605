package k8s.rbac_cluster_admin_binding_test

import data.k8s.rbac_cluster_admin_binding
import data.lib.example_binding

_all := {"powers": {"cluster_admin": [example_binding.rule(["*"], ["*"])]}}

# what a binding gives, severity and message
_cases := {
	"nothing": [{}, set()],
	"in a namespace": [_all, {["high", example_binding.can("do everything")]}],
	"with a stronger account": [object.union(_all, {"stronger": {"total": 1, "items": ["ServiceAccount shop/strong"]}}), {["critical", example_binding.can("do everything")]}],
	"where any pod runs": [object.union(_all, {"open": {"total": 1, "items": ["shop"]}}), {["critical", example_binding.can("do everything")]}],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_cluster_admin_binding.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_cluster_admin_binding.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_cluster_admin_binding.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_cluster_admin_binding.fail) == 0 with input as example_binding.document(_all)
		with data.parameters.rbac_cluster_admin_binding as object.union(data.parameters.rbac_cluster_admin_binding, {"known_subjects": ["User alice"]})
}

test_evidence if {
	case := object.union(_all, {"open": {"total": 1, "items": ["shop"]}, "stronger": {"total": 2, "items": ["a", "b"]}})
	some finding in rbac_cluster_admin_binding.fail with input as example_binding.document(case)
	finding.evidence.open == {"total": 1, "items": ["shop"]}
	finding.evidence.stronger == {"total": 2, "items": ["a", "b"]}
}
