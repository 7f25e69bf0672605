package k8s.netpol_ingress_from_any_namespace_test

import data.k8s.netpol_ingress_from_any_namespace
import data.lib.network

_parameters := {"shared_label": "shared", "ipblocks_match_pods": "unknown"}

_never := object.union(_parameters, {"ipblocks_match_pods": "never"})

_document(labels, exposure) := {"pod": {"labels": labels}, "related": {"exposure": exposure}}

_fact(answer, reasons) := {"host": false, "from_any_namespace": {
	"answer": answer,
	"peer": "any pod",
	"words": "TCP 80",
	"policies": {"total": 1, "items": ["NetworkPolicy shop/in allows"]},
	"reasons": reasons,
}}

_closed := {"host": false, "from_any_namespace": {"answer": "no"}}

_shared := "Everybody may connect: its pods have the label shared."

# findings, reasons of unknown, reasons of skip
_cases := {
	"open": [_document({}, _fact("yes", [])), _parameters, 1, set(), set()],
	"closed": [_document({}, _closed), _parameters, 0, set(), set()],
	"unknown": [_document({}, _fact("unknown", ["b"])), _parameters, 0, {"b"}, set()],
	"block": [_document({}, _fact("unknown", [network.block])), _parameters, 0, {network.block}, set()],
	"block that matches none": [_document({}, _fact("unknown", [network.block])), _never, 0, set(), set()],
	"shared and open": [_document({"shared": "true"}, _fact("yes", [])), _parameters, 0, set(), {_shared}],
	"shared and unknown": [_document({"shared": "true"}, _fact("unknown", ["b"])), _parameters, 0, set(), {_shared}],
	"not shared": [_document({"shared": "false"}, _fact("yes", [])), _parameters, 1, set(), set()],
	"host": [_document({}, {"host": true}), _parameters, 0, set(), {network.host}],
}

test_verdict[note] if {
	some note, [document, parameters, findings, reasons, skips] in _cases
	verdict := [
		count(netpol_ingress_from_any_namespace.fail),
		netpol_ingress_from_any_namespace.unknown,
		netpol_ingress_from_any_namespace.skip,
	] with input as document with data.parameters.netpol_ingress_from_any_namespace as parameters
	verdict == [
		findings,
		{sprintf("It cannot be told whether pods of every namespace may connect: %s.", [one]) | some one in reasons},
		skips,
	]
}

test_finding if {
	netpol_ingress_from_any_namespace.fail == {{
		"path": "/metadata/name",
		"message": "Pods of every namespace may connect to TCP 80: NetworkPolicy shop/in allows.",
		"evidence": {
			"peer": "any pod",
			"ports": "TCP 80",
			"policies": {"total": 1, "items": ["NetworkPolicy shop/in allows"]},
		},
	}} with input as _document({}, _fact("yes", []))
		with data.parameters.netpol_ingress_from_any_namespace as _parameters
}
