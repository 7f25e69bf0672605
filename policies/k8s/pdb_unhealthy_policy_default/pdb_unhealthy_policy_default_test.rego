package k8s.pdb_unhealthy_policy_default_test

import data.k8s.pdb_unhealthy_policy_default

_budget(spec, labels, version) := {
	"meta": {"name": "web", "labels": labels},
	"spec": spec,
	"cluster": {"version": version},
}

_policy(name) := {"unhealthyPodEvictionPolicy": name}

_store := {"app": "etcd", "tier": "store"}

_exempt := {"exempt_labels": ["quorum", "tier=store", "app=web"]}

# why it is not judged, which policy fails
_cases := {
	"absent": [_budget({}, {}, ""), set(), {"IfHealthyBudget"}],
	"default": [_budget(_policy("IfHealthyBudget"), {"app": "etcd"}, "v1.36.3"), set(), {"IfHealthyBudget"}],
	"always": [_budget(_policy("AlwaysAllow"), {}, "v1.36.3"), set(), set()],
	"label": [_budget({}, _store, ""), {"Its label tier=store exempts it."}, set()],
	"name of a label": [_budget({}, {"quorum": "3"}, ""), {"Its label quorum exempts it."}, set()],
	"other value": [_budget({}, {"tier": "web"}, ""), set(), {"IfHealthyBudget"}],
	"first version": [_budget({}, {}, "v1.27.0"), set(), {"IfHealthyBudget"}],
	"before": [_budget({}, {}, "v1.26.9"), {"The field is there since v1.27; this cluster is v1.26."}, set()],
}

test_verdict[note] if {
	some note, [document, reasons, policies] in _cases
	found := pdb_unhealthy_policy_default.fail with input as document
		with data.parameters.pdb_unhealthy_policy_default as _exempt
	skipped := pdb_unhealthy_policy_default.skip with input as document
		with data.parameters.pdb_unhealthy_policy_default as _exempt
	skipped == reasons
	found == {{
		"path": "/spec/unhealthyPodEvictionPolicy",
		"message": sprintf("Budget web protects pods that are not ready: its policy for them is %s.", [policy]),
		"evidence": {"unhealthyPodEvictionPolicy": policy},
	} |
		some policy in policies
	}
}
