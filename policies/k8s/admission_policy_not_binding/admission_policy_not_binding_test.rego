package k8s.admission_policy_not_binding_test

import data.k8s.admission_policy_not_binding

_document(spec, bindings) := {
	"meta": {"kind": "ValidatingAdmissionPolicy", "name": "owners"},
	"spec": spec,
	"related": {"admission_bindings": bindings},
}

_bound(listed) := {"total": count(listed), "items": listed}

_none := {"total": 0, "items": []}

_denies := {"name": "a", "actions": ["Audit", "Deny"]}

_warns := {"name": "b", "actions": ["Warn", "Audit"]}

_mutates := {"name": "c"}

_open := {"failurePolicy": "Ignore"}

_unread := "The manifests hold no binding of it, and the cluster may have one."

# spec, bindings, keys of the findings, why it is left out
_cases := {
	"bound": [{}, _bound([_denies]), set(), set()],
	"bound and closed": [{"failurePolicy": "Fail"}, _bound([_denies]), set(), set()],
	"one of two denies": [{}, _bound([_warns, _denies]), set(), set()],
	"only warns": [{}, _bound([_warns, _warns]), {"actions"}, set()],
	"only warns, as far as they are listed": [{}, {"total": 21, "items": [_warns]}, set(), set()],
	"mutates": [{}, _bound([_mutates]), set(), set()],
	"not bound": [{}, _none, {"binding"}, set()],
	"open": [_open, _bound([_denies]), {"failurePolicy"}, set()],
	"all of it": [_open, _bound([_warns]), {"failurePolicy", "actions"}, set()],
	"nothing told": [{}, {}, set(), {_unread}],
	"nothing told, open": [_open, {}, {"failurePolicy"}, set()],
}

test_verdict[note] if {
	some note, [spec, bindings, keys, skips] in _cases
	document := _document(spec, bindings)
	{finding.key | some finding in admission_policy_not_binding.fail} == keys with input as document
	admission_policy_not_binding.skip == skips with input as document
}

_finding(path, key, fault, evidence) := {
	"path": path,
	"key": key,
	"message": sprintf("ValidatingAdmissionPolicy owners is not binding: %s.", [fault]),
	"evidence": evidence,
}

_ignored := "its failurePolicy is Ignore, so errors let requests through"

_findings := [
	[_open, {}, _finding("/spec/failurePolicy", "failurePolicy", _ignored, {"bindings": null, "failurePolicy": "Ignore"})],
	[{}, _none, _finding("/spec", "binding", "no binding puts it into force", {"bindings": 0, "failurePolicy": "Fail"})],
	[
		{},
		_bound([_warns]),
		_finding("/spec", "actions", "its bindings only warn or write into the audit log", {"bindings": 1, "failurePolicy": "Fail"}),
	],
]

test_finding[i] if {
	some i, [spec, bindings, finding] in _findings
	admission_policy_not_binding.fail == {finding} with input as _document(spec, bindings)
}
