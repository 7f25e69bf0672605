package k8s.rbac_default_role_modified_test

import data.k8s.rbac_default_role_modified

_rule := {"index": 2, "gives": [{"verbs": ["get"]}], "total": 1, "through": [], "custom": false}

_of(known, rules, others) := {"related": {"shipped": {
	"ships": false,
	"version": "v1.36",
	"known": known,
	"labelled": true,
	"rules": rules,
	"others": others,
}}}

test_rule if {
	rbac_default_role_modified.fail == {{
		"path": "/rules/2",
		"message": "It gives more than what ships with Kubernetes v1.36.",
		"severity": "high",
		"evidence": {"gives": [{"verbs": ["get"]}], "rights": 1, "through": []},
	}} with input as _of(true, [_rule], [])
	count(rbac_default_role_modified.skip) == 0 with input as _of(true, [_rule], [])
	count(rbac_default_role_modified.unknown) == 0 with input as _of(true, [_rule], [])
}

_severities := {
	"medium": {"through": ["mine"]},
	"low": {"through": ["mine"], "custom": true},
	"high": {"through": [], "custom": true},
}

test_severity[severity] if {
	some severity, change in _severities
	found := {one.severity | some one in rbac_default_role_modified.fail} with input as _of(true, [object.union(_rule, change)], [])
	found == {severity}
}

_other := {"path": "/subjects/1", "what": "subject"}

test_other if {
	rbac_default_role_modified.fail == {{
		"path": "/subjects/1",
		"message": "It has another subject than what ships with Kubernetes v1.36.",
	}} with input as _of(true, [], [_other])
}

test_another_version[note] if {
	some note, document in {"rule": _of(false, [_rule], []), "subject": _of(false, [], [_other])}
	count(rbac_default_role_modified.fail) == 0 with input as document
	rbac_default_role_modified.unknown == {"What ships with this version of Kubernetes is not known; it has more than v1.36."} with input as document
}

test_nothing_more[known] if {
	some known in [true, false]
	count(rbac_default_role_modified.fail) == 0 with input as _of(known, [], [])
	count(rbac_default_role_modified.unknown) == 0 with input as _of(known, [], [])
	count(rbac_default_role_modified.skip) == 0 with input as _of(known, [], [])
}

test_ships if {
	count(rbac_default_role_modified.fail) == 0 with input as {"related": {"shipped": {"ships": true}}}
	count(rbac_default_role_modified.skip) == 0 with input as {"related": {"shipped": {"ships": true}}}
}

test_own if rbac_default_role_modified.skip == {"Nothing of this name ships with Kubernetes."} with input as {"related": {"shipped": {}}}
