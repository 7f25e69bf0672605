package k8s.netpol_sensitive_port_wide_test

import data.k8s.netpol_sensitive_port_wide
import data.lib.network

_parameters := {"ports": [5432, 6379], "allowed_namespaces": ["monitoring"], "ipblocks_match_pods": "unknown"}

_never := object.union(_parameters, {"ipblocks_match_pods": "never"})

_tcp(from, to) := {"protocol": "TCP", "from": from, "to": to}

_from(namespace, answer, reasons) := {
	"namespace": namespace,
	"peer": sprintf("Pod %s/a", [namespace]),
	"answer": answer,
	"policies": {"total": 1, "items": ["NetworkPolicy shop/db allows"]},
	"reasons": reasons,
}

_opening(range, homes) := {"ports": {"items": [range]}, "namespaces": {"total": count(homes), "items": homes}}

_document(ports, openings) := {
	"containers": [{"body": {}}, {"body": {"ports": ports}}],
	"related": {"neighbours": {"host": false, "foreign": {"total": count(openings), "items": openings}}},
}

_port(number) := {"containerPort": number}

_tools := _from("tools", "yes", [])

_no_port := "No container names a port of the parameter ports."

# findings, peers and reasons of unknown, reasons of skip
_cases := {
	"open": [_document([_port(5432)], [_opening(_tcp(5432, 5432), [_tools])]), _parameters, 1, set(), set()],
	"in a range": [_document([_port(5432)], [_opening(_tcp(1, 5432), [_tools])]), _parameters, 1, set(), set()],
	"at the begin of a range": [_document([_port(5432)], [_opening(_tcp(5432, 6000), [_tools])]), _parameters, 1, set(), set()],
	"below": [_document([_port(5432)], [_opening(_tcp(1, 5431), [_tools])]), _parameters, 0, set(), set()],
	"above": [_document([_port(5432)], [_opening(_tcp(5433, 6000), [_tools])]), _parameters, 0, set(), set()],
	"UDP is open": [
		_document([_port(5432)], [_opening({"protocol": "UDP", "from": 1, "to": 65535}, [_tools])]),
		_parameters, 0, set(), set(),
	],
	"TCP by name": [
		_document([{"containerPort": 5432, "protocol": "TCP"}], [_opening(_tcp(5432, 5432), [_tools])]),
		_parameters, 1, set(), set(),
	],
	"a port of UDP": [
		_document([{"containerPort": 5432, "protocol": "UDP"}], [_opening(_tcp(5432, 5432), [_tools])]),
		_parameters, 0, set(), {_no_port},
	],
	"another port": [_document([_port(8080)], [_opening(_tcp(1, 65535), [_tools])]), _parameters, 0, set(), {_no_port}],
	"allowed": [
		_document([_port(5432)], [_opening(_tcp(5432, 5432), [_from("monitoring", "yes", [])])]),
		_parameters, 0, set(), set(),
	],
	"allowed, and another": [
		_document([_port(5432)], [_opening(_tcp(5432, 5432), [_from("monitoring", "yes", []), _tools])]),
		_parameters, 1, set(), set(),
	],
	"nobody": [_document([_port(5432)], []), _parameters, 0, set(), set()],
	"unknown": [
		_document([_port(5432)], [_opening(_tcp(5432, 5432), [_from("x", "unknown", ["b"])])]),
		_parameters, 0, {["Pod x/a", "b"]}, set(),
	],
	"block": [
		_document([_port(5432)], [_opening(_tcp(5432, 5432), [_from("x", "unknown", [network.block])])]),
		_parameters, 0, {["Pod x/a", network.block]}, set(),
	],
	"block that matches none": [
		_document([_port(5432)], [_opening(_tcp(5432, 5432), [_from("x", "unknown", [network.block])])]),
		_never, 0, set(), set(),
	],
}

test_verdict[note] if {
	some note, [document, parameters, findings, reasons, skips] in _cases
	verdict := [
		count(netpol_sensitive_port_wide.fail),
		netpol_sensitive_port_wide.unknown,
		netpol_sensitive_port_wide.skip,
	] with input as document with data.parameters.netpol_sensitive_port_wide as parameters
	verdict == [
		findings,
		{sprintf("It cannot be told whether %s may connect to TCP 5432: %s.", one) | some one in reasons},
		skips,
	]
}

test_finding if {
	netpol_sensitive_port_wide.fail == {{
		"path": "/metadata/name",
		"severity": "high",
		"message": "Pod bank/a of another namespace may connect to TCP 5432: NetworkPolicy shop/db allows.",
		"evidence": {
			"open": [
				object.union(_from("bank", "yes", []), {"port": 5432}),
				object.union(_tools, {"port": 5432}),
			],
			"total": 2,
		},
	}} with input as _document([_port(5432)], [_opening(_tcp(1, 65535), [_tools, _from("bank", "yes", [])])])
		with data.parameters.netpol_sensitive_port_wide as _parameters
}

test_many if {
	homes := [_from(sprintf("n%d", [number]), "yes", []) | some number in numbers.range(1, 21)]
	found := {[count(one.evidence.open), one.evidence.total] | some one in netpol_sensitive_port_wide.fail} with input as _document(
		[_port(5432)],
		[_opening(_tcp(1, 65535), homes)],
	)
		with data.parameters.netpol_sensitive_port_wide as _parameters
	found == {[20, 21]}
}

_more(path, total) := json.patch(
	_document([_port(5432)], [_opening(_tcp(5432, 5432), [_from("monitoring", "yes", [])])]),
	[{"op": "replace", "path": sprintf("/related/neighbours/foreign/%s", [path]), "value": total}],
)

_unfinished(document) := found if {
	found := netpol_sensitive_port_wide.unknown with input as document
		with data.parameters.netpol_sensitive_port_wide as _parameters
}

test_more_than_told[path] if {
	some path in ["total", "items/0/namespaces/total"]
	_unfinished(_more(path, 2)) == {"More may connect than are told."}
	_unfinished(_more(path, 1)) == set()

	# what is told is enough
	_unfinished(json.patch(_more(path, 2), [{
		"op": "replace",
		"path": "/related/neighbours/foreign/items/0/namespaces/items/0/namespace",
		"value": "tools",
	}])) == set()
	_unfinished(json.patch(_more(path, 2), [{
		"op": "replace",
		"path": "/containers/1/body/ports/0/containerPort",
		"value": 80,
	}])) == set()
}

test_host if {
	verdict := [netpol_sensitive_port_wide.fail, netpol_sensitive_port_wide.unknown, netpol_sensitive_port_wide.skip] with input as {
		"containers": [{"body": {"ports": [_port(5432)]}}],
		"related": {"neighbours": {"host": true}},
	}
		with data.parameters.netpol_sensitive_port_wide as _parameters
	verdict == [set(), set(), {network.host}]
}
