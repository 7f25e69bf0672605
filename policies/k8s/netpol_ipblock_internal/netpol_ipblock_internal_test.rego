package k8s.netpol_ipblock_internal_test

import data.k8s.netpol_ipblock_internal

_one(address) := {"total": 1, "items": [address]}

_path := "/spec/egress/1/to/0/ipBlock"

_inside := {"path": _path, "pods": _one("10.244.0.0/24"), "services": _one("10.96.0.1/32"), "nodes": _one("10.0.0.1/32")}

_document(block, facts) := {
	"spec": {"egress": [{}, {"to": [{"ipBlock": block}]}]},
	"cluster": {"live": true},
	"related": {"network_blocks": object.union({"blocks": {"total": 0, "items": []}, "known": ["pods"]}, facts)},
}

_wide := {"cidr": "10.0.0.0/8"}

_verdict(document, parameters) := found if {
	found := [netpol_ipblock_internal.fail, netpol_ipblock_internal.unknown, netpol_ipblock_internal.skip] with input as document
		with data.parameters.netpol_ipblock_internal as object.union({"ranges": [], "nodes": false}, parameters)
}

_finding(what, evidence) := {
	"path": _path,
	"message": sprintf("10.0.0.0/8 holds addresses of %s; whether it means them is undefined.", [what]),
	"evidence": evidence,
}

_seen := {"blocks": {"total": 1, "items": [_inside]}}

_both := {"pods": _inside.pods, "services": _inside.services}

# block, facts, parameters, findings
_cases := {
	"seen": [_wide, _seen, {}, {_finding("pods and services", _both)}],
	"nodes count": [
		_wide,
		_seen,
		{"nodes": true},
		{_finding("nodes and pods and services", object.union(_both, {"nodes": _inside.nodes}))},
	],
	"another block is meant": [_wide, {"blocks": {"total": 1, "items": [object.union(_inside, {"path": "/x"})]}}, {}, set()],
	"configured": [
		_wide,
		{"known": []},
		{"ranges": ["10.1.0.0/16", "192.168.0.0/16"]},
		{_finding("configured ranges", {"configured ranges": ["10.1.0.0/16"]})},
	],
	"the block lies in the range": [
		{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]},
		{},
		{"ranges": ["10.0.0.0/7"]},
		{_finding("configured ranges", {"configured ranges": ["10.0.0.0/7"]})},
	],
	"excepted": [{"cidr": "10.0.0.0/8", "except": ["172.16.0.0/12", "10.1.0.0/16"]}, {}, {"ranges": ["10.1.0.0/16"]}, set()],
	"in part excepted": [
		{"cidr": "10.0.0.0/8", "except": ["10.1.1.0/24"]},
		{},
		{"ranges": ["10.1.0.0/16"]},
		{_finding("configured ranges", {"configured ranges": ["10.1.0.0/16"]})},
	],
	"outside": [_wide, {}, {"ranges": ["192.168.0.0/16"]}, set()],
}

test_verdict[note] if {
	some note, [block, facts, parameters, failing] in _cases
	_verdict(_document(block, facts), parameters) == [failing, set(), set()]
}

test_ingress if {
	document := {
		"spec": {"ingress": [{"from": [{"ipBlock": _wide}]}]},
		"related": {"network_blocks": {"blocks": {"items": [{"path": "/spec/ingress/0/from/0/ipBlock", "pods": {}}]}}},
	}
	[found, _, _] := _verdict(document, {})
	{one.path | some one in found} == {"/spec/ingress/0/from/0/ipBlock"}
}

test_no_block[note] if {
	some note, spec in {"no rules": {}, "no block": {"egress": [{"to": [{"podSelector": {}}]}]}}
	document := object.union(object.remove(_document(_wide, {"known": []}), ["spec"]), {"spec": spec})
	_verdict(document, {}) == [set(), set(), {"It names no addresses."}]
}

test_manifests if {
	document := object.union(_document(_wide, {"known": []}), {"cluster": {"live": false}})
	_verdict(document, {}) == [set(), set(), {"No Node tells which addresses pods have: name them in the parameter ranges."}]
}

test_manifests_that_tell_enough if {
	document := object.union(_document(_wide, {"known": [], "blocks": _seen.blocks}), {"cluster": {"live": false}})
	[found, unknown, skip] := _verdict(document, {})
	[count(found), unknown, skip] == [1, set(), set()]
}

test_nobody_tells if {
	_verdict(_document(_wide, {"known": ["services"]}), {}) == [
		set(),
		{"No Node tells which addresses pods have: name them in the parameter ranges."},
		set(),
	]
}

test_parameters_tell if _verdict(_document(_wide, {"known": []}), {"ranges": ["192.168.0.0/16"]}) == [set(), set(), set()]
