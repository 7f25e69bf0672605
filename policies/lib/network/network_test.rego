package lib.network_test

import data.lib.network

_unknown(reasons) := {"answer": "unknown", "reasons": reasons}

_cases := {
	"known": [{"answer": "yes", "reasons": []}, "unknown", set()],
	"known, whatever it says": [{"answer": "yes", "reasons": ["a"]}, "unknown", set()],
	"a block": [_unknown([network.block]), "unknown", {network.block}],
	"a block that matches none": [_unknown([network.block]), "never", set()],
	"a block and another": [_unknown([network.block, "a"]), "never", {network.block, "a"}],
	"another": [_unknown(["a"]), "never", {"a"}],
}

test_untold[note] if {
	some note, [fact, ipblocks, reasons] in _cases
	network.untold(fact, ipblocks) == reasons
}

test_severity if {
	unselected := {"policies": {"total": 0}}
	network.severity(unselected) == "medium" with input as {"cluster": {"live": false}}
	network.severity(unselected) == "high" with input as {"cluster": {"live": true}}
	network.severity({"policies": {"total": 1}}) == "high" with input as {"cluster": {"live": false}}
}

_range(protocol, from, to) := {"protocol": protocol, "from": from, "to": to}

test_holds if {
	ranges := [_range("UDP", 53, 53), _range("TCP", 80, 90), _range("TCP", 443, 443)]
	{port | some port in [53, 79, 80, 85, 90, 91, 443]; network.holds(ranges, port)} == {80, 85, 90, 443}
}

test_reasons if {
	network.reasons({"answer": "yes", "reasons": ["a"]}) == set()
	network.reasons(_unknown(["a", network.block])) == {"a", network.block}
}

test_by if {
	network.by({"policies": {"total": 0, "items": []}}) == "no policy is about it"
	network.by({"policies": {"total": 2, "items": ["a allows", "b allows"]}}) == "a allows, b allows"
}

test_evidence if {
	fact := {"answer": "yes", "peer": "any pod", "words": "TCP 80", "ports": {"total": 1}, "policies": {"total": 0}}
	network.evidence(fact) == {"peer": "any pod", "ports": "TCP 80", "policies": {"total": 0}}
}

test_constants if {
	network.host == "All of its pods are on the network of their node, which network policies are not about; see host_network."
	network.block == "whether an ipBlock matches the address of a pod is undefined"
}
