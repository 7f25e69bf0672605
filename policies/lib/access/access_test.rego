package lib.access_test

import data.lib.access
import data.lib.example_binding

_known := {"known_subjects": ["User alice", "User bob"]}

_nobody := {"known_subjects": ["User bob"]}

_rule := example_binding.rule(["get"], ["secrets"])

_pair := example_binding.pair(_rule, object.union(_rule, {"by": "RoleBinding shop/b", "rule": 3}))

_gives := {"powers": {"a": [_rule], "b": []}, "combinations": {"c": [_pair]}}

_more := object.union(_gives, {"subjects": {"total": 4, "items": ["User alice", "User bob", "Group c", "Group d"]}})

test_given if {
	access.given("a", _nobody) == [_rule] with input as example_binding.document(_gives)
	access.given("other", _nobody) == [] with input as example_binding.document(_gives)
	access.joined("c", _nobody) == [_pair] with input as example_binding.document(_gives)
	access.joined("other", _nobody) == [] with input as example_binding.document(_gives)
}

test_nothing_is_given_by_others if {
	access.given("a", _nobody) == [] with input as {"related": {"grants": {}}}
	access.joined("c", _nobody) == [] with input as {"related": {"grants": {}}}
}

test_known_subjects if {
	access.given("a", _known) == [] with input as example_binding.document(_gives)
	access.joined("c", _known) == [] with input as example_binding.document(_gives)
	access.excuse(_known) == "All whom it binds are known_subjects." with input as example_binding.document(_gives)
}

test_one_is_not_known if {
	access.given("a", _known) == [_rule] with input as example_binding.document(_more)
	access.joined("c", _known) == [_pair] with input as example_binding.document(_more)
	not access.excuse(_known) with input as example_binding.document(_more)
}

test_one_is_not_listed if {
	access.given("a", _known) == [_rule] with input as example_binding.document(object.union(_gives, {"subjects": {"total": 2}}))
}

test_ships if {
	access.excuse(_nobody) == "It is as it ships with Kubernetes, and so is its role." with input as {"related": {"grants": {"ships": true}}}
}

test_unread if {
	access.unread == "why" with input as {"related": {"grants": {"unread": "why"}}}
	not access.unread with input as example_binding.document(_gives)
}

# namespace, stronger accounts, open namespaces: gain, reach
_severities := {
	"a namespace": ["shop", 0, 0, "high", "high"],
	"a stronger account": ["shop", 1, 0, "critical", "critical"],
	"an open namespace": ["shop", 0, 1, "high", "critical"],
	"everywhere": ["", 0, 0, "critical", "critical"],
}

test_severity[note] if {
	some note, [namespace, stronger, open, gain, reach] in _severities
	case := {"namespace": namespace, "stronger": {"total": stronger}, "open": {"total": open}}
	access.gain == gain with input as example_binding.document(case)
	access.reach == reach with input as example_binding.document(case)
}

test_scale if {
	access.scale("") == "critical"
	access.scale("shop") == "high"
}

test_get_connects if {
	access.get_connects with input as {}
	access.get_connects with input as {"cluster": {"version": "v1.34.0"}}
	not access.get_connects with input as {"cluster": {"version": "v1.35.0"}}
}

test_finding if {
	access.finding("x", [_rule], "low") == {
		"path": "/roleRef",
		"message": "User alice can x in namespace shop, by rule 0 of ClusterRole r.",
		"severity": "low",
		"evidence": {
			"subjects": {"total": 1, "items": ["User alice"]},
			"rules": {"total": 1, "items": [_rule]},
		},
	} with input as example_binding.document({})
}

test_no_finding if {
	not access.finding("x", [], "low") with input as example_binding.document({})
	not access.joint("x", [], "low") with input as example_binding.document({})
}

test_many_subjects[note] if {
	some note, [total, who] in {
		"three": [3, "a, b, c can x in the whole cluster, by rule 0 of ClusterRole r."],
		"four": [4, "a, b, c, 1 more can x in the whole cluster, by rule 0 of ClusterRole r."],
	}
	case := {"namespace": "", "subjects": {"total": total, "items": array.slice(["a", "b", "c", "d"], 0, total)}}
	access.finding("x", [_rule], "low").message == who with input as example_binding.document(case)
}

test_long_evidence if {
	names := [sprintf("n%d", [i]) | some i in numbers.range(1, 11)]
	long := object.union(_rule, {"names": names, "resources": array.slice(names, 0, 10)})
	found := access.finding("x", [long, _rule, _rule, _rule, _rule, _rule], "low") with input as example_binding.document({})
	found.evidence.rules.total == 6
	found.evidence.rules.items == array.concat(
		[object.union(long, {"names": {"total": 11, "items": array.slice(names, 0, 10)}})],
		[_rule, _rule, _rule, _rule],
	)
}

test_long_resources if {
	names := [sprintf("n%d", [i]) | some i in numbers.range(1, 12)]
	found := access.finding("x", [object.union(_rule, {"resources": names})], "low") with input as example_binding.document({})
	found.evidence.rules.items[0].resources == {"total": 12, "items": array.slice(names, 0, 10)}
}

test_joint if {
	other := {"first": {}, "second": {}, "namespace": "", "subjects": {"total": 1, "items": ["Group ops"]}}
	found := access.joint("x", [_pair, other], "high") with input as example_binding.document({"namespace": ""})
	found.message == "User alice can x in namespace shop, by rule 0 of ClusterRole r."
	found.evidence == {
		"subjects": {"total": 1, "items": ["User alice"]},
		"rules": {"total": 2, "items": [_pair.first, _pair.second]},
		"completed_by": ["RoleBinding shop/b"],
	}
}

test_around if {
	found := access.around({"evidence": {"a": 1}}, ["open"]) with input as example_binding.document({"open": {"total": 1, "items": ["x"]}})
	found == {"evidence": {"a": 1, "open": {"total": 1, "items": ["x"]}}}
}
