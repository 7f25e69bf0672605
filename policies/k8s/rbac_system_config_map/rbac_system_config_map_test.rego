package k8s.rbac_system_config_map_test

import data.k8s.rbac_system_config_map
import data.lib.example_binding

_any := {"powers": {"system_config_map": [example_binding.rule(["create", "patch"], ["configmaps"])]}}

_updates := {"powers": {"system_config_map": [example_binding.rule(["update"], ["configmaps"])]}}

_creates := {"powers": {"system_config_map": [example_binding.rule(["create"], ["configmaps"])]}}

_dns := {"powers": {"system_config_map": [object.union(example_binding.rule(["update"], ["configmaps"]), {"names": ["lock", "coredns"]})]}}

_lock := {"powers": {"system_config_map": [object.union(example_binding.rule(["update"], ["configmaps"]), {"names": ["lock"]})]}}

# what a binding gives, severity and message
_cases := {
	"any": [_any, {["high", example_binding.can("change ConfigMaps that the cluster runs by")]}],
	"updates": [_updates, {["high", example_binding.can("change ConfigMaps that the cluster runs by")]}],
	"creates": [_creates, {["medium", example_binding.can("create ConfigMaps that the cluster runs by")]}],
	"one of the cluster": [_dns, {["high", example_binding.can("change ConfigMaps that the cluster runs by")]}],
	"its own": [_lock, set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_system_config_map.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_system_config_map.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_system_config_map.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_system_config_map.fail) == 0 with input as example_binding.document(_creates)
		with data.parameters.rbac_system_config_map as object.union(data.parameters.rbac_system_config_map, {"known_subjects": ["User alice"]})
}
