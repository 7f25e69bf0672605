package k8s.netpol_ingress_from_internet_test

import data.k8s.netpol_ingress_from_internet
import data.lib.network

_parameters := {"exposed_workloads": ["shop/edge"]}

_tcp(from, to) := {"protocol": "TCP", "from": from, "to": to}

_door(number) := {"protocol": "TCP", "port": number}

_document(name, exposure, doors) := {
	"meta": {"namespace": "shop", "name": name},
	"related": {"exposure": exposure, "doors": {"ports": {"items": doors}}},
}

_fact(answer, ranges, reasons) := {"host": false, "from_internet": {
	"answer": answer,
	"peer": "0.0.0.0/5",
	"words": "TCP 80",
	"ports": {"items": ranges},
	"policies": {"total": 1, "items": ["NetworkPolicy shop/in allows"]},
	"reasons": reasons,
}}

_wide := [_door(number) | some number in numbers.range(1, 25)]

_exposed := "It may be open by the parameter exposed_workloads."

# findings, reasons of unknown, reasons of skip
_cases := {
	"open": [_document("web", _fact("yes", [_tcp(80, 80)], []), []), 1, set(), set()],
	"another door": [_document("web", _fact("yes", [_tcp(80, 80)], []), [_door(81)]), 1, set(), set()],
	"published": [_document("web", _fact("yes", [_tcp(80, 80)], []), [_door(80)]), 0, set(), set()],
	"published as UDP": [
		_document("web", _fact("yes", [{"protocol": "UDP", "from": 80, "to": 80}], []), [_door(80)]),
		1, set(), set(),
	],
	"one of two published": [_document("web", _fact("yes", [_tcp(80, 80), _tcp(90, 90)], []), [_door(80)]), 1, set(), set()],
	"a range, all of it published": [_document("web", _fact("yes", [_tcp(1, 20)], []), _wide), 0, set(), set()],
	"a range, part of it published": [_document("web", _fact("yes", [_tcp(20, 26)], []), _wide), 1, set(), set()],
	"a range too long to be told": [_document("web", _fact("yes", [_tcp(1, 21)], []), _wide), 1, set(), set()],
	"closed": [_document("web", {"host": false, "from_internet": {"answer": "no"}}, []), 0, set(), set()],
	"unknown": [_document("web", _fact("unknown", [_tcp(80, 80)], [network.block]), []), 0, {network.block}, set()],
	"exposed": [_document("edge", _fact("yes", [_tcp(80, 80)], []), []), 0, set(), {_exposed}],
	"exposed, unknown": [_document("edge", _fact("unknown", [_tcp(80, 80)], ["b"]), []), 0, set(), {_exposed}],
	"host": [_document("web", {"host": true}, []), 0, set(), {network.host}],
}

test_verdict[note] if {
	some note, [document, findings, reasons, skips] in _cases
	verdict := [
		count(netpol_ingress_from_internet.fail),
		netpol_ingress_from_internet.unknown,
		netpol_ingress_from_internet.skip,
	] with input as document with data.parameters.netpol_ingress_from_internet as _parameters
	verdict == [
		findings,
		{sprintf("It cannot be told whether the internet may connect: %s.", [one]) | some one in reasons},
		skips,
	]
}

_finding(doors) := {
	"path": "/metadata/name",
	"severity": "high",
	"message": "All of the internet may connect to TCP 80, and nothing publishes it: NetworkPolicy shop/in allows.",
	"evidence": {
		"peer": "0.0.0.0/5",
		"ports": "TCP 80",
		"policies": {"total": 1, "items": ["NetworkPolicy shop/in allows"]},
		"published": doors,
	},
}

test_finding if {
	netpol_ingress_from_internet.fail == {_finding(["TCP 90"])} with input as _document(
		"web", _fact("yes", [_tcp(80, 80)], []),
		[_door(90)],
	)
		with data.parameters.netpol_ingress_from_internet as _parameters
}

test_without_doors if {
	document := {"meta": {"namespace": "shop", "name": "web"}, "related": {"exposure": _fact("yes", [_tcp(80, 80)], [])}}
	netpol_ingress_from_internet.fail == {_finding([])} with input as document
		with data.parameters.netpol_ingress_from_internet as _parameters
}
