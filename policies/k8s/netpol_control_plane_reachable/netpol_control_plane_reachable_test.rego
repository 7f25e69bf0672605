package k8s.netpol_control_plane_reachable_test

import data.k8s.netpol_control_plane_reachable
import data.lib.network

_tcp(from, to) := {"protocol": "TCP", "from": from, "to": to}

_fact(answer, ranges, reasons) := {"host": false, "control_plane": {
	"answer": answer,
	"peer": "10.0.1.7/32",
	"words": "TCP 443, TCP 10250",
	"ports": {"items": ranges},
	"policies": {"total": 0, "items": []},
	"reasons": reasons,
}}

_closed := {"host": false, "control_plane": {"answer": "no"}}

_document(spec, neighbours) := {
	"pod": {"spec": spec, "path": "/spec", "annotations": {}},
	"containers": [{"name": "a", "role": "app", "path": "/spec/containers/0", "body": {}}],
	"related": {"neighbours": neighbours, "service_account": {"found": true, "name": "web"}},
}

_none := {"automountServiceAccountToken": false}

_projecting(source) := object.union(_none, {"volumes": [{"name": "t", "projected": {"sources": [source]}}]})

_both := [_tcp(443, 443), _tcp(10250, 10250)]

_token := "It has a token: what it may ask the API server for is told by its rights."

_somewhere := "Where the nodes are is not known, and it may connect to some addresses only."

_nodes := "the addresses of the nodes are not known"

_parameters := {"ports": [443, 2379, 10250]}

# findings, reasons of unknown, reasons of skip
_cases := {
	"open": [_document(_none, _fact("yes", _both, [])), _parameters, 1, set(), set()],
	"a range": [_document(_none, _fact("yes", [_tcp(2379, 2379)], [])), _parameters, 1, set(), set()],
	"a port below": [_document(_none, _fact("yes", [_tcp(1, 442)], [])), _parameters, 0, set(), set()],
	"a port above": [_document(_none, _fact("yes", [_tcp(10251, 10252)], [])), _parameters, 0, set(), set()],
	"closed": [_document(_none, _closed), _parameters, 0, set(), set()],
	"unknown": [_document(_none, _fact("unknown", _both, ["b"])), _parameters, 0, {"b"}, set()],
	"unknown at one port": [_document(_none, _fact("unknown", [_tcp(443, 443)], ["b"])), _parameters, 0, {"b"}, set()],
	"unknown at another port": [_document(_none, _fact("unknown", [_tcp(80, 80)], ["b"])), _parameters, 0, set(), set()],
	"token": [_document({}, _fact("yes", _both, [])), _parameters, 0, set(), {_token}],
	"token, unknown": [_document({}, _fact("unknown", _both, ["b"])), _parameters, 0, set(), {_token}],
	"a token of its own": [
		_document(_projecting({"serviceAccountToken": {"path": "x"}}), _fact("yes", _both, [])),
		_parameters, 0, set(), {_token},
	],
	"something else projected": [
		_document(_projecting({"configMap": {"name": "x"}}), _fact("yes", _both, [])),
		_parameters, 1, set(), set(),
	],
	"nobody takes the token": [
		object.union(_document({}, _fact("yes", _both, [])), {"containers": []}),
		_parameters, 1, set(), set(),
	],
	"nodes are not known": [_document(_none, _fact("unknown", _both, [_nodes])), _parameters, 0, set(), {_somewhere}],
	"nor is something else": [_document(_none, _fact("unknown", _both, ["b", _nodes])), _parameters, 0, {"b", _nodes}, set()],
	"host": [_document(_none, {"host": true}), _parameters, 0, set(), {network.host}],
}

test_verdict[note] if {
	some note, [document, parameters, findings, reasons, skips] in _cases
	verdict := [
		count(netpol_control_plane_reachable.fail),
		netpol_control_plane_reachable.unknown,
		netpol_control_plane_reachable.skip,
	] with input as document with data.parameters.netpol_control_plane_reachable as parameters
	verdict == [
		findings,
		{sprintf("It cannot be told whether it may connect to nodes: %s.", [one]) | some one in reasons},
		skips,
	]
}

test_finding if {
	netpol_control_plane_reachable.fail == {{
		"path": "/metadata/name",
		"message": "It has no token, and may connect to nodes at TCP 443, TCP 10250: no policy is about it.",
		"evidence": {"peer": "10.0.1.7/32", "ports": [443, 10250], "policies": {"total": 0, "items": []}},
	}} with input as _document(_none, _fact("yes", _both, []))
		with data.parameters.netpol_control_plane_reachable as _parameters
}
