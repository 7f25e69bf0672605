package k8s.rbac_api_proxy_test

import data.k8s.rbac_api_proxy
import data.lib.example_binding

_forward := {"powers": {"api_proxy": [example_binding.rule(["get"], ["pods/portforward"])]}}

_create := {"powers": {"api_proxy": [example_binding.rule(["create"], ["pods/portforward"])]}}

_proxy := {"powers": {"api_proxy": [example_binding.rule(["get"], ["pods/portforward", "services/proxy"])]}}

# what a binding gives, severity and message
_cases := {
	"create": [_create, {["medium", example_binding.can("connect to pods through the API server")]}],
	"get, of an unknown version": [_forward, {["medium", example_binding.can("connect to pods through the API server")]}],
	"proxy": [_proxy, {["medium", example_binding.can("connect to pods through the API server")]}],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_api_proxy.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_api_proxy.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_api_proxy.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_api_proxy.fail) == 0 with input as example_binding.document(_create)
		with data.parameters.rbac_api_proxy as object.union(data.parameters.rbac_api_proxy, {"known_subjects": ["User alice"]})
}

_at(version) := object.union(example_binding.document(_forward), {"cluster": {"version": version}})

test_get_counts_before_1_35 if {
	count(rbac_api_proxy.fail) == 1 with input as _at("v1.34.9")
}

test_get_does_not_count_since_1_35 if {
	count(rbac_api_proxy.fail) == 0 with input as _at("v1.35.0")
}

test_others_count_since_1_35[note] if {
	some note, case in {"create": _create, "proxy": _proxy}
	count(rbac_api_proxy.fail) == 1 with input as object.union(example_binding.document(case), {"cluster": {"version": "v1.36.0"}})
}
