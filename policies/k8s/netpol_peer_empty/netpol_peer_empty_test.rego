package k8s.netpol_peer_empty_test

import data.k8s.netpol_peer_empty

_old := "2026-05-31T11:00:00Z"

_young := "2026-05-31T13:00:00Z"

_document(peers) := {"now": "2026-06-01T12:00:00Z", "related": {"network_peers": peers}}

_both := {"total": 2, "items": [
	{"path": "/spec/ingress/0/from/1", "of": "pods"},
	{"path": "/spec/egress/0/to/0", "of": "namespaces"},
]}

_findings := {
	{
		"path": "/spec/ingress/0/from/1",
		"message": "No pod and no pod template has the labels that it asks for, in the namespaces that it means.",
		"evidence": {"total": 2},
	},
	{
		"path": "/spec/egress/0/to/0",
		"message": "No namespace has the labels that it asks for.",
		"evidence": {"total": 2},
	},
}

_waits := {"It is younger than 24h: whom it means may be on their way."}

# peers, findings, unknown, skips
_cases := {
	"all are there": [{"empty": {"total": 0, "items": []}}, set(), set(), set()],
	"old": [{"empty": _both, "created": _old}, _findings, set(), set()],
	"young": [{"empty": _both, "created": _young}, set(), set(), _waits],
	"unread": [
		{"empty": _both, "created": _old, "unread": "why"},
		set(),
		{"It may mean what is not known: why."},
		set(),
	],
	"young and unread": [{"empty": _both, "created": _young, "unread": "why"}, set(), set(), _waits],
}

test_verdict[note] if {
	some note, [peers, failing, unknowns, skips] in _cases
	verdict := [netpol_peer_empty.fail, netpol_peer_empty.unknown, netpol_peer_empty.skip] with input as _document(peers)
	verdict == [failing, unknowns, skips]
}
