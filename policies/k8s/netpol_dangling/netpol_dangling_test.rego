package k8s.netpol_dangling_test

import data.k8s.netpol_dangling

_old := "2026-05-31T11:00:00Z"

_young := "2026-05-31T13:00:00Z"

_selector := {"matchLabels": {"app": "wbe"}}

_document(subject) := {
	"now": "2026-06-01T12:00:00Z",
	"spec": {"podSelector": _selector},
	"related": {"network_subject": subject},
}

_dangles := {"path": "/spec/podSelector", "message": "Its podSelector matches no pod and no pod template of its namespace.", "evidence": {"selector": _selector}}

# subject, findings, unknown, skips
_cases := {
	"selects": [{"whole": false, "found": true}, set(), set(), set()],
	"old": [{"found": false, "created": _old}, {_dangles}, set(), set()],
	"young": [
		{"found": false, "created": _young},
		set(),
		set(),
		{"It is younger than 24h: what it selects may be on its way."},
	],
	"unread": [
		{"found": false, "created": _old, "unread": "Pod shop/web: no list"},
		set(),
		{"It may select what could not be read: Pod shop/web: no list."},
		set(),
	],
	"young and unread": [
		{"found": false, "created": _young, "unread": "Pod shop/web: no list"},
		set(),
		set(),
		{"It is younger than 24h: what it selects may be on its way."},
	],
}

test_verdict[note] if {
	some note, [subject, failing, unknowns, skips] in _cases
	verdict := [netpol_dangling.fail, netpol_dangling.unknown, netpol_dangling.skip] with input as _document(subject)
	verdict == [failing, unknowns, skips]
}
