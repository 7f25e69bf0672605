package k8s.netpol_ingress_unrestricted_test

import data.k8s.netpol_ingress_unrestricted
import data.lib.network

_parameters := {"exempt_namespaces": ["kube-system"], "ipblocks_match_pods": "unknown"}

_never := object.union(_parameters, {"ipblocks_match_pods": "never"})

_document(namespace, exposure) := {"meta": {"namespace": namespace}, "related": {"exposure": exposure}}

_fact(answer, reasons) := {"host": false, "from_everybody": {
	"answer": answer,
	"peer": "any pod",
	"words": "all ports",
	"policies": {"total": 0, "items": []},
	"reasons": reasons,
}}

_exempt := "Its namespace is exempt by the parameter exempt_namespaces."

# findings, reasons of unknown, reasons of skip
_cases := {
	"open": [_document("shop", _fact("yes", [])), _parameters, 1, set(), set()],
	"closed": [_document("shop", {"host": false, "from_everybody": {"answer": "no"}}), _parameters, 0, set(), set()],
	"unknown": [_document("shop", _fact("unknown", ["b"])), _parameters, 0, {"b"}, set()],
	"block": [_document("shop", _fact("unknown", [network.block])), _parameters, 0, {network.block}, set()],
	"block that matches none": [_document("shop", _fact("unknown", [network.block])), _never, 0, set(), set()],
	"exempt and open": [_document("kube-system", _fact("yes", [])), _parameters, 0, set(), {_exempt}],
	"exempt and unknown": [_document("kube-system", _fact("unknown", ["b"])), _parameters, 0, set(), {_exempt}],
	"host": [_document("shop", {"host": true}), _parameters, 0, set(), {network.host}],
}

test_verdict[note] if {
	some note, [document, parameters, findings, reasons, skips] in _cases
	verdict := [
		count(netpol_ingress_unrestricted.fail),
		netpol_ingress_unrestricted.unknown,
		netpol_ingress_unrestricted.skip,
	] with input as document with data.parameters.netpol_ingress_unrestricted as parameters
	verdict == [findings, {sprintf("It cannot be told whether anyone may connect: %s.", [one]) | some one in reasons}, skips]
}

test_finding if {
	netpol_ingress_unrestricted.fail == {{
		"path": "/metadata/name",
		"severity": "medium",
		"message": "Any pod and the internet may connect to all of its ports: no policy is about it.",
		"evidence": {"peer": "any pod", "ports": "all ports", "policies": {"total": 0, "items": []}},
	}} with input as _document("shop", _fact("yes", []))
		with data.parameters.netpol_ingress_unrestricted as _parameters
}
