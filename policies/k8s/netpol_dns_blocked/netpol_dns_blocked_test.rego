package k8s.netpol_dns_blocked_test

import data.k8s.netpol_dns_blocked

_document(pod, resolution) := {
	"pod": {"path": "/spec/template/spec", "spec": pod},
	"related": {"name_resolution": resolution},
}

_closed := {"answer": "no", "servers": ["Deployment kube-system/coredns"], "policies": ["egress: x"]}

_doubt := {"answer": "unknown", "why": "why"}

_finding(servers) := {
	"path": "/spec/template/spec",
	"message": "Policies close egress to the cluster's DNS, by UDP and by TCP.",
	"evidence": {"servers": servers, "policies": ["egress: x"]},
}

_else := {"It asks another DNS than the cluster's."}

_first := {"dnsPolicy": "ClusterFirst"}

# pod, resolution, findings, unknown, skips
_cases := {
	"open": [_first, {"answer": "yes"}, set(), set(), set()],
	"closed": [_first, _closed, {_finding(["Deployment kube-system/coredns"])}, set(), set()],
	"closed to all": [_first, object.union(_closed, {"servers": []}), {_finding([])}, set(), set()],
	"unknown": [_first, _doubt, set(), {"Whether it can ask the cluster's DNS is not known: why."}, set()],
	"none, and closed": [{"dnsPolicy": "None"}, _closed, set(), set(), _else],
	"the node's": [{"dnsPolicy": "Default"}, _closed, set(), set(), _else],
	"on the node": [{"dnsPolicy": "ClusterFirst", "hostNetwork": true}, _doubt, set(), set(), _else],
}

test_verdict[note] if {
	some note, [pod, resolution, failing, unknowns, skips] in _cases
	document := _document(pod, resolution)
	verdict := [netpol_dns_blocked.fail, netpol_dns_blocked.unknown, netpol_dns_blocked.skip] with input as document
	verdict == [failing, unknowns, skips]
}
