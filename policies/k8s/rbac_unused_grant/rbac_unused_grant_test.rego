package k8s.rbac_unused_grant_test

import data.k8s.rbac_unused_grant

_log := {
	"first": "2026-05-01T00:00:00Z",
	"last": "2026-06-01T00:00:00Z",
	"days": 31,
	"requests": 9000,
	"broken": 0,
	"absent": [],
	"full": false,
}

_role := {
	"rules": 2,
	"unused": {"total": 1, "items": [{"rule": 1, "verbs": ["delete"]}]},
	"traceless": {"total": 0, "items": []},
	"reads": ["list"],
}

_of(use, role) := {"related": {
	"usage": object.union({"log": _log, "used": false, "young": false}, use),
	"rule_use": object.union(_role, role),
}}

_ships(use, role) := object.union(_of(use, role), {"related": {"shipped": {"ships": true}}})

_own(use, role) := object.union(_of(use, role), {"related": {"shipped": {"ships": false}}})

_no_role(use) := {"related": {"usage": object.union({"log": _log, "used": false, "young": false}, use)}}

_used := {"used": true}

_idle := "No request from 2026-05-01T00:00:00Z to 2026-06-01T00:00:00Z was allowed by it."

_some := "1 of the 2 rules that it gives were not used."

_young := "It was made while the audit log was written."

_nothing := "It gives nothing: its role has no rules, or does not exist."

_shipped := "It ships with Kubernetes."

_short := "The audit log has events of 31 days, and 40 are asked for."

_traceless := "What it gives may be used without a trace in the audit log."

_no_list := "The audit log has no list request at all, as if its policy left them out."

_all := {"window_days": 31, "rules": true}

_plain := {"window_days": 31, "rules": false}

_long := {"window_days": 40, "rules": true}

_blind := {"log": {"absent": ["list"]}}

_unseen := {"traceless": {"total": 2, "items": [0, 1]}}

# parameters, document; messages, skip, unknown
_cases := {
	"idle": [_plain, _of({}, {}), [_idle], [], []],
	"idle, all looked at": [_all, _of({}, {}), [_idle], [], []],
	"idle, of a role that is not known": [_plain, _no_role({}), [_idle], [], []],
	"shipped": [_long, _ships(_blind, {}), [], [_shipped], []],
	"not quite as it ships": [_plain, _own({}, {}), [_idle], [], []],
	"used": [_plain, _of(_used, {}), [], [], []],
	"used in part": [_all, _of(_used, {}), [_some], [], []],
	"used as a whole": [_all, _of(_used, {"unused": {"total": 0}}), [], [], []],
	"used, of a role that is not known": [_all, _no_role(_used), [], [], []],
	"young": [_long, _of(object.union({"young": true}, _blind), _unseen), [], [_young], []],
	"young, used": [_long, _of({"young": true, "used": true}, {}), [], [_young], []],
	"young, used as a whole": [_long, _of({"young": true, "used": true}, {"unused": {"total": 0}}), [], [], []],
	"empty": [_long, _of(_blind, {"rules": 0}), [], [_nothing], []],
	"empty, used": [_plain, _of(_used, {"rules": 0}), [], [], []],
	"short": [_long, _of({}, {}), [], [], [_short]],
	"short, used": [_plain, _of(_used, {}), [], [], []],
	"short, used in part": [_long, _of(_used, {}), [], [], [_short]],
	"traceless": [_plain, _of({}, _unseen), [], [], [_traceless]],
	"traceless in part": [_plain, _of({}, {"traceless": {"total": 1}}), [_idle], [], []],
	"traceless, used": [_plain, _of(_used, _unseen), [], [], []],
	"without reads": [_plain, _of(_blind, {}), [], [], [_no_list]],
	"without reads, used": [_plain, _of(object.union(_used, _blind), {}), [], [], []],
	"without reads, used in part": [_all, _of(object.union(_used, _blind), {}), [], [], [_no_list]],
	"without reads, which it does not give": [_plain, _of(_blind, {"reads": ["get"]}), [_idle], [], []],
	"without reads, of a role that is not known": [_plain, _no_role(_blind), [], [], [_no_list]],
}

test_verdict[note] if {
	some note, [parameters, document, messages, skips, unknowns] in _cases
	found := [
		{one.message | some one in rbac_unused_grant.fail},
		rbac_unused_grant.skip,
		rbac_unused_grant.unknown,
	] with input as document with data.parameters.rbac_unused_grant as parameters
	found == [{one | some one in messages}, {one | some one in skips}, {one | some one in unknowns}]
}

_window := {
	"first": "2026-05-01T00:00:00Z",
	"last": "2026-06-01T00:00:00Z",
	"days": 31,
	"requests": 9000,
	"broken": 0,
}

test_finding if {
	rbac_unused_grant.fail == {{
		"path": "/roleRef",
		"message": _idle,
		"evidence": object.union(_window, object.filter(_role, ["unused", "traceless"])),
	}} with input as _of({}, {}) with data.parameters.rbac_unused_grant as _plain
}

test_finding_of_one_in_use if {
	rbac_unused_grant.fail == {{
		"path": "/roleRef",
		"message": _some,
		"evidence": object.union(
			object.union(_window, {"requests": 7, "last": "2026-05-30T00:00:00Z"}),
			object.filter(_role, ["unused", "traceless"]),
		),
	}} with input as _of(_used, {"requests": 7, "last": "2026-05-30T00:00:00Z"})
		with data.parameters.rbac_unused_grant as _all
}

test_finding_of_a_role_that_is_not_known if {
	rbac_unused_grant.fail == {{
		"path": "/roleRef",
		"message": _idle,
		"evidence": _window,
	}} with input as _no_role({}) with data.parameters.rbac_unused_grant as _plain
}
