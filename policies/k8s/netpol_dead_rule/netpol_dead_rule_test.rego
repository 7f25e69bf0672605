package k8s.netpol_dead_rule_test

import data.k8s.netpol_dead_rule

_of(dead, facts) := {"related": {"network_dead_rules": object.union(
	{"dead": {"total": count(dead), "items": dead}},
	facts,
)}}

_cases := [
	[{"why": "direction", "type": "Egress"}, "policyTypes does not name Egress, so that none of these rules counts."],
	[{"why": "excepted"}, "All that the ipBlock has is excepted from it."],
	[{"why": "covered", "by": "/spec/ingress/0"}, "The rule at /spec/ingress/0 covers it: it adds nothing."],
	[{"why": "port", "port": "sql"}, "No container of the destinations has a port named sql."],
	[{"why": "address", "port": "sql"}, "Addresses have no port named sql: names are those of containers."],
]

test_finding[dead.why] if {
	some [dead, message] in _cases
	found := netpol_dead_rule.fail with input as _of([object.union(dead, {"path": "/spec/egress"})], {})
	found == {{"path": "/spec/egress", "message": message, "evidence": {"why": dead.why}}}
}

test_none if {
	netpol_dead_rule.fail == set() with input as _of([], {})
	netpol_dead_rule.unknown == set() with input as _of([], {})
}

test_unread if netpol_dead_rule.unknown == {"It cannot be told: why."} with input as _of([], {"unread": "why"})
