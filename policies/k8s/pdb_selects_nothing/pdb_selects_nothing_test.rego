package k8s.pdb_selects_nothing_test

import data.k8s.pdb_selects_nothing

_document(spec, covered) := {"spec": spec, "related": {"covered": object.union(
	{"owners": {"total": 0, "items": []}, "bare": 0},
	covered,
)}}

_selector := {"selector": {"matchLabels": {"app": "web"}}}

_cases := {
	"owners": [_selector, {"owners": {"total": 1}}, set()],
	"bare pods": [_selector, {"bare": 1}, set()],
	"everything, and something is there": [{"selector": {}}, {"owners": {"total": 3}}, set()],
	"finished pods": [_selector, {"expected": 2}, set()],
	"finished pods without scale": [_selector, {"failed": "no scale"}, set()],
	"no selector": [{}, {}, {"It has no selector, and without one it selects nothing."}],
	"invalid": [
		_selector,
		{"invalid": "In without values for app"},
		{"Its selector is invalid: In without values for app."},
	],
	"nothing": [_selector, {}, {"Its selector matches no pod and no pod template of its namespace."}],
}

test_verdict[note] if {
	some note, [spec, covered, want] in _cases
	messages := {finding.message | some finding in pdb_selects_nothing.fail} with input as _document(spec, covered)
	messages == want
}

_findings := [
	[{}, {}, "/spec", {}],
	[_selector, {"invalid": "x"}, "/spec/selector", _selector],
	[_selector, {}, "/spec/selector", _selector],
]

test_findings[i] if {
	some i, [spec, covered, path, evidence] in _findings
	found := {[finding.path, finding.evidence] | some finding in pdb_selects_nothing.fail} with input as _document(
		spec,
		covered,
	)
	found == {[path, evidence]}
}
