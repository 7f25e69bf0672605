package k8s.netpol_default_deny_missing_test

import data.k8s.netpol_default_deny_missing

_parameters := {"directions": ["ingress", "egress"], "exempt_namespaces": ["kube-system"]}

_ingress := object.union(_parameters, {"directions": ["ingress"]})

_document(name, workloads, ingress, egress) := {
	"meta": {"name": name},
	"related": {"default_deny": {"workloads": workloads, "ingress": ingress, "egress": egress}},
}

_closed := {"by": "NetworkPolicy shop/default"}

_engine := {"reasons": ["other policy engine: X"]}

_exempt := "This namespace is exempt by the parameter exempt_namespaces."

_empty := "There is no workload in it."

# directions that are missing, those that are unknown, reasons of skip
_cases := {
	"none": [_document("shop", 3, {}, {}), _parameters, {["egress", "ingress"]}, set(), set()],
	"ingress": [_document("shop", 3, {}, _closed), _parameters, {["ingress"]}, set(), set()],
	"egress": [_document("shop", 3, _closed, {}), _parameters, {["egress"]}, set(), set()],
	"egress is not asked for": [_document("shop", 3, _closed, {}), _ingress, set(), set(), set()],
	"both": [_document("shop", 3, _closed, _closed), _parameters, set(), set(), set()],
	"unknown": [_document("shop", 3, _engine, _closed), _parameters, set(), {"ingress"}, set()],
	"unknown and missing": [_document("shop", 3, _engine, {}), _parameters, {["egress"]}, {"ingress"}, set()],
	"exempt": [_document("kube-system", 3, {}, {}), _parameters, set(), set(), {_exempt}],
	"exempt, unknown": [_document("kube-system", 3, _engine, {}), _parameters, set(), set(), {_exempt}],
	"empty": [_document("shop", 0, {}, {}), _parameters, set(), set(), {_empty}],
}

test_verdict[note] if {
	some note, [document, parameters, missing, unknowns, skips] in _cases
	verdict := [
		{sort(finding.evidence.directions) | some finding in netpol_default_deny_missing.fail},
		netpol_default_deny_missing.unknown,
		netpol_default_deny_missing.skip,
	] with input as document with data.parameters.netpol_default_deny_missing as parameters
	told := {sprintf("It cannot be told whether new pods are open for %s: other policy engine: X.", [one]) | some one in unknowns}
	verdict == [missing, told, skips]
}

test_finding if {
	netpol_default_deny_missing.fail == {{
		"path": "/metadata/name",
		"message": "New pods of namespace shop are open for egress: no policy is about all of its pods.",
		"evidence": {"directions": ["egress"], "workloads": 3},
	}} with input as _document("shop", 3, _closed, {})
		with data.parameters.netpol_default_deny_missing as _parameters
}

test_message_of_both if {
	messages := {finding.message | some finding in netpol_default_deny_missing.fail} with input as _document("shop", 3, {}, {})
		with data.parameters.netpol_default_deny_missing as _parameters
	messages == {"New pods of namespace shop are open for egress and ingress: no policy is about all of its pods."}
}
