package k8s.netpol_tenant_controlled_label_test

import data.k8s.netpol_tenant_controlled_label

_who(subject, namespace) := {"subject": subject, "namespace": namespace, "by": "RoleBinding bank/ci"}

_place(gain, who) := {
	"path": "/spec/ingress/0/from/0",
	"keys": ["team", "tier"],
	"gain": gain,
	"who": {"total": count(who), "items": who},
}

_document(places) := {"related": {"network_labels": {"places": {"total": count(places), "items": places}}}}

_ci := _who("ServiceAccount bank/ci", "bank")

_ops := _who("Group ops", "")

# gain, who, message
_cases := [
	["in", [_ci], "ServiceAccount bank/ci can change labels of namespace bank and get in: it chooses by team, tier."],
	["out", [_ops, _ci], "Group ops can change labels of all namespaces and get out: it chooses by team, tier."],
	["", [_ops], "Group ops can change labels of all namespaces: it chooses by team, tier."],
]

test_finding[message] if {
	some [gain, who, message] in _cases
	found := netpol_tenant_controlled_label.fail with input as _document([_place(gain, who)])
	found == {{
		"path": "/spec/ingress/0/from/0",
		"message": message,
		"evidence": {"keys": ["team", "tier"], "who": {"total": count(who), "items": who}},
	}}
}

test_none if netpol_tenant_controlled_label.fail == set() with input as _document([])

test_known if {
	known := {"known_subjects": ["Group ops"]}
	found := {[one.evidence.who.items, one.evidence.who.total] | some one in netpol_tenant_controlled_label.fail} with input as _document([
		_place("in", [_ops, _ci]),
		object.union(_place("in", [_ops]), {"path": "/spec/ingress/1/from/0"}),
	])
		with data.parameters.netpol_tenant_controlled_label as known
	found == {[[_ci], 2]}
}
