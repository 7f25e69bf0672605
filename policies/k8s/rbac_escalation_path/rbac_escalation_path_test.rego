package k8s.rbac_escalation_path_test

import data.k8s.rbac_escalation_path

_parameters := {"max_hops": 3}

_step := {"from": "a", "to": "b", "edge": "runs_as", "how": "runs with a token of"}

_path(sink, hops) := {
	"entry": "Deployment shop/web",
	"sink": sink,
	"words": "all Secrets",
	"hops": hops,
	"steps": [_step],
	"cut": {"edge": "RoleBinding shop/web", "paths": 2},
	"of": 5,
}

_document(kind, paths) := {"related": {"escalations": {
	"entry": "the first of several",
	"kind": kind,
	"path": "/spec/template/spec",
	"by": {"total": 1, "items": ["Service web (NodePort)"]},
	"paths": paths,
}}}

_fail(document) := found if {
	found := rbac_escalation_path.fail with input as document with data.parameters.rbac_escalation_path as _parameters
}

test_finding if {
	found := _fail(_document("workload", [_path("all_secrets", 2)]))
	found == {{
		"path": "/spec/template/spec",
		"key": "Deployment shop/web -> all_secrets",
		"severity": "critical",
		"message": concat(" ", [
			"It is reached from outside, and whoever gets into Deployment shop/web reaches all Secrets in 2 steps.",
			"Cut RoleBinding shop/web, part of 2 of the 5 paths that were found.",
		]),
		"evidence": {
			"entry": "Deployment shop/web",
			"sink": "all_secrets",
			"exposed_by": {"total": 1, "items": ["Service web (NodePort)"]},
			"path": [_step],
			"cut": {"edge": "RoleBinding shop/web", "paths": 2, "of": 5},
		},
	}}
}

# by kind of entry, how bad it is and how the message begins
_kinds := {
	"account": ["high", "Whoever has a token of Deployment shop/web reaches all Secrets in 1 step. Cut"],
	"group": ["high", "By this binding everybody in Deployment shop/web reaches all Secrets in 1 step. Cut"],
}

test_kinds[kind] if {
	some kind, [severity, begins] in _kinds
	found := _fail(_document(kind, [_path("all_secrets", 1)]))
	{[one.severity, startswith(one.message, begins)] | some one in found} == {[severity, true]}
}

test_longer_ones_are_left_out if {
	found := _fail(_document("account", [
		_path("all_secrets", 3),
		_path("node_root", 4),
		_path("cluster_admin", 1),
	]))
	{one.evidence.sink | some one in found} == {"all_secrets", "cluster_admin"}
}

test_none if {
	_fail(_document("account", [])) == set()
	rbac_escalation_path.skip == set() with input as _document("account", [])
}

test_no_entry if {
	reason := "It is no entry: not reached from outside, not given to pods unasked, not bound to everybody."
	rbac_escalation_path.skip == {reason} with input as {"related": {"escalations": {"entry": ""}}}
}
