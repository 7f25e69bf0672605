package k8s.netpol_metadata_reachable_test

import data.k8s.netpol_metadata_reachable
import data.lib.network

_fact(answer, reasons) := {
	"answer": answer,
	"peer": "169.254.169.254/32",
	"words": "TCP 80",
	"policies": {"total": 0, "items": []},
	"reasons": reasons,
}

_closed := {"answer": "no"}

_document(first, second) := {"related": {"exposure": {"host": false, "to_metadata": {"a": first, "b": second}}}}

_evidence := {"peer": "169.254.169.254/32", "ports": "TCP 80", "policies": {"total": 0, "items": []}}

_finding(ips) := {
	"path": "/metadata/name",
	"severity": "medium",
	"message": sprintf("It may ask %s for the credentials of its node: no policy is about it.", [concat(" and ", ips)]),
	"evidence": {"addresses": {ip: _evidence | some ip in ips}},
}

_cannot(ip, reason) := sprintf("It cannot be told whether it may ask %s: %s.", [ip, reason])

_no_address := "c is no address of a metadata service that is known."

# parameter, findings, unknown
_cases := {
	"open": [_document(_fact("yes", []), _closed), ["a", "b"], {_finding(["a"])}, set()],
	"both": [_document(_fact("yes", []), _fact("yes", [])), ["a", "b"], {_finding(["a", "b"])}, set()],
	"one is asked for": [_document(_fact("yes", []), _closed), ["b"], set(), set()],
	"closed": [_document(_closed, _closed), ["a", "b"], set(), set()],
	"unknown": [_document(_fact("unknown", [network.block]), _closed), ["a"], set(), {_cannot("a", network.block)}],
	"unknown beside open": [
		_document(_fact("yes", []), _fact("unknown", ["x"])), ["a", "b"],
		{_finding(["a"])}, {_cannot("b", "x")},
	],
	"no such address": [_document(_closed, _closed), ["a", "c"], set(), {_no_address}],
}

test_verdict[note] if {
	some note, [document, ips, findings, reasons] in _cases
	verdict := [netpol_metadata_reachable.fail, netpol_metadata_reachable.unknown, netpol_metadata_reachable.skip] with input as document
		with data.parameters.netpol_metadata_reachable.ips as ips
	verdict == [findings, reasons, set()]
}

test_host if {
	verdict := [netpol_metadata_reachable.fail, netpol_metadata_reachable.unknown, netpol_metadata_reachable.skip] with input as {"related": {"exposure": {"host": true}}}
		with data.parameters.netpol_metadata_reachable.ips as ["a"]
	verdict == [set(), set(), {network.host}]
}
