package k8s.netpol_cross_tenant_test

import data.k8s.netpol_cross_tenant
import data.lib.network

_parameters := {"tenant_label": "tenant", "ipblocks_match_pods": "unknown"}

_never := object.union(_parameters, {"ipblocks_match_pods": "never"})

_fact(answer, reasons) := {
	"own": "shop",
	"others": {"total": 1, "items": ["bank"]},
	"answer": answer,
	"peer": "Pod bank/a",
	"words": "TCP 80",
	"policies": {"total": 1, "items": ["NetworkPolicy shop/in allows"]},
	"reasons": reasons,
}

_document(labels, tenants) := {"related": {"neighbours": {"host": false, "labels": labels, "tenants": tenants}}}

_no_label := "Its namespace has no label tenant that is known."

# findings, reasons of unknown, reasons of skip
_cases := {
	"open": [_document(["tenant"], {"tenant": _fact("yes", [])}), _parameters, 1, set(), set()],
	"by another label": [_document(["team", "tenant"], {"team": _fact("yes", [])}), _parameters, 0, set(), set()],
	"closed": [_document(["tenant"], {}), _parameters, 0, set(), set()],
	"unknown": [_document(["tenant"], {"tenant": _fact("unknown", ["b"])}), _parameters, 0, {"b"}, set()],
	"block": [_document(["tenant"], {"tenant": _fact("unknown", [network.block])}), _parameters, 0, {network.block}, set()],
	"block that matches none": [_document(["tenant"], {"tenant": _fact("unknown", [network.block])}), _never, 0, set(), set()],
	"no label": [_document(["team"], {"team": _fact("yes", [])}), _parameters, 0, set(), {_no_label}],
	"host": [{"related": {"neighbours": {"host": true}}}, _parameters, 0, set(), {network.host}],
}

test_verdict[note] if {
	some note, [document, parameters, findings, reasons, skips] in _cases
	verdict := [count(netpol_cross_tenant.fail), netpol_cross_tenant.unknown, netpol_cross_tenant.skip] with input as document
		with data.parameters.netpol_cross_tenant as parameters
	verdict == [
		findings,
		{sprintf("It cannot be told whether Pod bank/a of another tenant may connect: %s.", [one]) | some one in reasons},
		skips,
	]
}

test_finding if {
	netpol_cross_tenant.fail == {{
		"path": "/metadata/name",
		"severity": "high",
		"message": "Pod bank/a may connect to TCP 80, and belongs to another tenant than shop: NetworkPolicy shop/in allows.",
		"evidence": {
			"peer": "Pod bank/a",
			"ports": "TCP 80",
			"policies": {"total": 1, "items": ["NetworkPolicy shop/in allows"]},
			"tenant": "shop",
			"others": {"total": 1, "items": ["bank"]},
		},
	}} with input as _document(["tenant"], {"tenant": _fact("yes", [])})
		with data.parameters.netpol_cross_tenant as _parameters
}
