package k8s.rbac_unused_account_test

import data.k8s.rbac_unused_account

_window := {
	"first": "2026-05-01T00:00:00Z",
	"last": "2026-06-01T00:00:00Z",
	"days": 31,
	"requests": 9000,
	"broken": 0,
}

_none := {"total": 0, "items": []}

_bound := {"total": 1, "items": ["RoleBinding shop/old"]}

_of(use, found) := {"related": {
	"usage": object.union({"log": object.union(_window, {"absent": [], "full": false}), "used": false, "young": false}, use),
	"account_use": object.union({"bindings": _bound, "workloads": _none}, found),
}}

_runs := {"workloads": {"total": 1, "items": ["Deployment shop/web"]}}

_blind := {"log": {"absent": ["get"]}}

_idle := "Nothing runs as it, and no request came from it from 2026-05-01T00:00:00Z to 2026-06-01T00:00:00Z."

_young := "It was made while the audit log was written."

_unbound := "No binding names it."

_short := "The audit log has events of 31 days, and 40 are asked for."

_no_get := "The audit log has no get request at all, as if its policy left them out."

# days asked for, document; messages, skip, unknown
_cases := {
	"idle": [31, _of({}, {}), [_idle], [], []],
	"seen": [40, _of({"used": true, "young": true}, {}), [], [], []],
	"seen, unbound": [40, _of({"used": true}, {"bindings": _none}), [], [], []],
	"in use": [40, _of({"young": true}, _runs), [], [], []],
	"in use, unbound": [31, _of({}, object.union(_runs, {"bindings": _none})), [], [], []],
	"unbound": [40, _of(_blind, {"bindings": _none}), [], [_unbound], []],
	"young": [40, _of({"young": true}, {}), [], [_young], []],
	"short": [40, _of({}, {}), [], [], [_short]],
	"without reads": [31, _of(_blind, {}), [], [], [_no_get]],
	"short, without reads": [40, _of(_blind, {}), [], [], [_short, _no_get]],
}

test_verdict[note] if {
	some note, [days, document, messages, skips, unknowns] in _cases
	found := [
		{one.message | some one in rbac_unused_account.fail},
		rbac_unused_account.skip,
		rbac_unused_account.unknown,
	] with input as document with data.parameters.rbac_unused_account.window_days as days
	found == [{one | some one in messages}, {one | some one in skips}, {one | some one in unknowns}]
}

test_finding if {
	rbac_unused_account.fail == {{
		"path": "/metadata/name",
		"message": _idle,
		"evidence": object.union(_window, {"bindings": _bound}),
	}} with input as _of({}, {}) with data.parameters.rbac_unused_account.window_days as 31
}
