package lib.rule_use_test

import data.lib.rule_use

_role := {
	"rules": 2,
	"unused": {"total": 1, "items": [{"rule": 1}]},
	"traceless": {"total": 1, "items": [0]},
	"reads": ["list"],
	"requests": 7,
	"last": "2026-05-30T00:00:00Z",
}

_of(role) := {"related": {"rule_use": object.union(_role, role)}}

test_figures if {
	[rule_use.rules, rule_use.unused, rule_use.reads] == [2, 1, ["list"]] with input as _of({})
}

test_nothing if {
	rule_use.nothing == "It gives nothing: its role has no rules, or does not exist." with input as _of({"rules": 0})
	not rule_use.nothing with input as _of({})
}

test_traceless if {
	rule_use.traceless == "What it gives may be used without a trace in the audit log." with input as _of({"rules": 1})
	not rule_use.traceless with input as _of({})
}

test_evidence if {
	rule_use.evidence == {
		"unused": {"total": 1, "items": [{"rule": 1}]},
		"traceless": {"total": 1, "items": [0]},
		"requests": 7,
		"last": "2026-05-30T00:00:00Z",
	} with input as _of({})
}

test_not_known if {
	rule_use.evidence == {} with input as {"related": {}}
	rule_use.reads == ["get", "list", "watch"] with input as {"related": {}}
	not rule_use.nothing with input as {"related": {}}
	not rule_use.traceless with input as {"related": {}}
}
