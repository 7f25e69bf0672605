package k8s.rbac_pod_exec_test

import data.k8s.rbac_pod_exec
import data.lib.example_binding

_get := {"powers": {"pod_exec": [example_binding.rule(["get"], ["pods/exec"])]}}

_create := {"powers": {"pod_exec": [example_binding.rule(["create"], ["pods/exec"])]}}

# what a binding gives, severity and message
_cases := {
	"create": [_create, {["high", example_binding.can("run commands in pods")]}],
	"get, of an unknown version": [_get, {["high", example_binding.can("run commands in pods")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_pod_exec.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_pod_exec.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_pod_exec.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_pod_exec.fail) == 0 with input as example_binding.document(_create)
		with data.parameters.rbac_pod_exec as object.union(data.parameters.rbac_pod_exec, {"known_subjects": ["User alice"]})
}

_at(version) := object.union(example_binding.document(_get), {"cluster": {"version": version}})

test_get_counts_before_1_35 if {
	count(rbac_pod_exec.fail) == 1 with input as _at("v1.34.9")
}

test_get_does_not_count_since_1_35 if {
	count(rbac_pod_exec.fail) == 0 with input as _at("v1.35.0")
}

test_create_counts_since_1_35 if {
	count(rbac_pod_exec.fail) == 1 with input as object.union(example_binding.document(_create), {"cluster": {"version": "v1.36.0"}})
}
