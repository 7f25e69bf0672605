package k8s.netpol_egress_unrestricted_test

import data.k8s.netpol_egress_unrestricted
import data.lib.network

_parameters := {"exempt_namespaces": ["kube-system"]}

_document(namespace, exposure) := {"meta": {"namespace": namespace}, "related": {"exposure": exposure}}

_fact(answer, reasons) := {"host": false, "to_internet": {
	"answer": answer,
	"peer": "1.0.0.0/8",
	"words": "all ports",
	"policies": {"total": 1, "items": ["NetworkPolicy shop/out allows"]},
	"reasons": reasons,
}}

_exempt := "Its namespace is exempt by the parameter exempt_namespaces."

# findings, reasons of unknown, reasons of skip
_cases := {
	"open": [_document("shop", _fact("yes", [])), 1, set(), set()],
	"closed": [_document("shop", {"host": false, "to_internet": {"answer": "no"}}), 0, set(), set()],
	"unknown": [_document("shop", _fact("unknown", [network.block])), 0, {network.block}, set()],
	"exempt and open": [_document("kube-system", _fact("yes", [])), 0, set(), {_exempt}],
	"exempt and unknown": [_document("kube-system", _fact("unknown", ["b"])), 0, set(), {_exempt}],
	"host": [_document("shop", {"host": true}), 0, set(), {network.host}],
}

test_verdict[note] if {
	some note, [document, findings, reasons, skips] in _cases
	verdict := [
		count(netpol_egress_unrestricted.fail),
		netpol_egress_unrestricted.unknown,
		netpol_egress_unrestricted.skip,
	] with input as document with data.parameters.netpol_egress_unrestricted as _parameters
	verdict == [
		findings,
		{sprintf("It cannot be told whether it may connect to anything: %s.", [one]) | some one in reasons},
		skips,
	]
}

test_finding if {
	netpol_egress_unrestricted.fail == {{
		"path": "/metadata/name",
		"message": "It may connect to all of the internet, at all ports: NetworkPolicy shop/out allows.",
		"evidence": {
			"peer": "1.0.0.0/8",
			"ports": "all ports",
			"policies": {"total": 1, "items": ["NetworkPolicy shop/out allows"]},
		},
	}} with input as _document("shop", _fact("yes", []))
		with data.parameters.netpol_egress_unrestricted as _parameters
}
