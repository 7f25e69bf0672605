package k8s.privilege_escalation_allowed_test

import data.k8s.privilege_escalation_allowed
import data.lib.example.document

_allow(value) := {"securityContext": {"allowPrivilegeEscalation": value}}

_cases := {
	"every container": {"bodies": [_allow(true), _allow(false), {}], "want": {0, 2}},
	"first version": {"bodies": [{}], "version": "v1.8", "want": {0}},
	"windows before 1.25": {"spec": {"os": {"name": "windows"}}, "bodies": [{}], "version": "v1.24", "want": {0}},
	"before 1.8": {
		"bodies": [{}],
		"version": "v1.7",
		"want": set(),
		"skip": {"Part of the standards since v1.8; v1.7 is judged."},
	},
	"windows": {
		"spec": {"os": {"name": "windows"}},
		"bodies": [{}],
		"want": set(),
		"skip": {"Windows has no such setting: such pods are exempt since v1.25."},
	},
}

_path := "/spec/template/spec/containers/%d/securityContext/allowPrivilegeEscalation"

test_verdict[note] if {
	some note, case in _cases
	verdict := [
		{finding.path | some finding in privilege_escalation_allowed.fail},
		privilege_escalation_allowed.skip,
	] with input as document(case)
		with data.parameters.privilege_escalation_allowed as {"pss_version": object.get(case, "version", "latest")}
	verdict == [{sprintf(_path, [i]) | some i in case.want}, object.get(case, "skip", set())]
}

_finding(body) := finding if {
	some finding in privilege_escalation_allowed.fail with input as document({"bodies": [body]})
		with data.parameters.privilege_escalation_allowed as {"pss_version": "latest"}
}

test_finding if {
	_finding({"securityContext": {"allowPrivilegeEscalation": true, "capabilities": {"add": ["SYS_ADMIN"]}}}) == {
		"path": sprintf(_path, [0]),
		"message": "Container a may gain privileges: allowPrivilegeEscalation is true.",
		"evidence": {"container": "a", "role": "app", "allowPrivilegeEscalation": true},
		"patch": [{"op": "add", "path": sprintf(_path, [0]), "value": false}],
	}
}

test_patch_adds_the_parent if {
	context := {"op": "add", "path": "/spec/template/spec/containers/0/securityContext", "value": {}}
	_finding({}).patch == [context, {"op": "add", "path": sprintf(_path, [0]), "value": false}]
}

_blocked := {
	"privileged": {"privileged": true},
	"capability": {"privileged": false, "capabilities": {"add": ["CAP_SYS_ADMIN"]}},
}

test_patch_would_be_refused[note] if {
	some note, context in _blocked
	_finding({"securityContext": context}) == {
		"path": sprintf(_path, [0]),
		"message": "Container a may gain privileges: allowPrivilegeEscalation is not set.",
		"evidence": {"container": "a", "role": "app", "allowPrivilegeEscalation": "not set"},
	}
}
