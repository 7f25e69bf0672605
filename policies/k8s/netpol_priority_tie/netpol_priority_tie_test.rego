package k8s.netpol_priority_tie_test

import data.k8s.netpol_priority_tie

_tie := {
	"other": "open",
	"direction": "ingress",
	"subject": "Pod shop/db",
	"peer": "Pod shop/web",
	"port": "TCP 5432",
	"does": "denies",
	"other_does": "allows",
}

_document(ties, facts) := {
	"meta": {"kind": "ClusterNetworkPolicy", "name": "closed"},
	"related": {"network_ties": object.union({"ties": {"total": count(ties), "items": ties}}, facts)},
}

test_finding if {
	found := netpol_priority_tie.fail with input as _document([_tie], {})
	found == {{
		"path": "/spec/priority",
		"key": "open",
		"message": concat(" ", [
			"ClusterNetworkPolicy open has the same priority and allows ingress of Pod shop/db",
			"with Pod shop/web on TCP 5432, which this one denies.",
		]),
		"evidence": _tie,
		"related": [{"kind": "ClusterNetworkPolicy", "name": "open"}],
	}}
}

test_none if {
	netpol_priority_tie.fail == set() with input as _document([], {})
	netpol_priority_tie.unknown == set() with input as _document([], {})
}

test_unread if netpol_priority_tie.unknown == {"It cannot be told whether they meet."} with input as _document([], {"unread": "whether they meet"})
