package k8s.rbac_dead_rule_test

import data.k8s.rbac_dead_rule

_of(bound, ships, dead) := {"related": {"dead_rules": {"bound": bound, "ships": ships, "dead": dead}}}

test_finding if {
	dead := {"path": "/rules/1", "reason": "nothing is called so"}
	rbac_dead_rule.fail == {{
		"path": "/rules/1",
		"message": "It gives nothing: nothing is called so.",
	}} with input as _of(true, false, [dead])
	count(rbac_dead_rule.skip) == 0 with input as _of(true, false, [dead])
}

test_alive if {
	count(rbac_dead_rule.fail) == 0 with input as _of(true, false, [])
	count(rbac_dead_rule.skip) == 0 with input as _of(true, false, [])
}

test_unbound[ships] if {
	some ships in [true, false]
	rbac_dead_rule.skip == {"No binding names it: it gives nothing at all."} with input as _of(false, ships, [])
}

test_ships if {
	rbac_dead_rule.skip == {"It ships with Kubernetes, and has nothing more."} with input as _of(true, true, [])
}
