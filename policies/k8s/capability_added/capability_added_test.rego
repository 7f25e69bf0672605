package k8s.capability_added_test

import data.k8s.capability_added
import data.lib.example.document

_parameters := {"critical_capabilities": ["ALL", "SYS_ADMIN"]}

# the severity of each, null for no finding
_capabilities := {
	"CHOWN": null,
	"NET_BIND_SERVICE": null,
	"chown": "high",
	"CAP_CHOWN": "high",
	"NET_RAW": "high",
	"SYS_ADMIN": "critical",
	"CAP_SYS_ADMIN": "critical",
	"cap_sys_admin": "critical",
	"ALL": "critical",
	"all": "critical",
	null: "high",
}

test_severity[capability] if {
	some capability, severity in _capabilities
	case := {"bodies": [{"securityContext": {"capabilities": {"add": [capability]}}}]}
	found := {finding.severity | some finding in capability_added.fail} with input as document(case)
		with data.parameters.capability_added as _parameters
	found == {severity} - {null}
}

test_finding if {
	case := {"bodies": [{"securityContext": {"capabilities": {"add": ["CHOWN", "SYS_TIME"]}}}]}
	path := "/spec/template/spec/containers/0/securityContext/capabilities/add/1"
	capability_added.fail == {{
		"path": path,
		"message": "Container a adds the capability SYS_TIME.",
		"evidence": {"container": "a", "role": "app", "capability": "SYS_TIME"},
		"patch": [{"op": "remove", "path": path}],
		"severity": "high",
	}} with input as document(case)
		with data.parameters.capability_added as _parameters
}
