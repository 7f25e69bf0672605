package k8s.rbac_node_proxy_test

import data.k8s.rbac_node_proxy
import data.lib.example_binding

_given := {"powers": {"node_proxy": [example_binding.rule(["get"], ["nodes/proxy"])]}}

# what a binding gives, severity and message
_cases := {
	"given": [_given, {["critical", example_binding.can("run commands in all pods through the kubelet")]}],
	"another power": [{"powers": {"other": [example_binding.rule(["get"], ["x"])]}}, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_node_proxy.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_node_proxy.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_node_proxy.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_node_proxy.fail) == 0 with input as example_binding.document(_given)
		with data.parameters.rbac_node_proxy as object.union(data.parameters.rbac_node_proxy, {"known_subjects": ["User alice"]})
}
