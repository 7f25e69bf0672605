package k8s.capabilities_not_dropped_test

import data.k8s.capabilities_not_dropped
import data.lib.example.document

_context(drop, add) := {"securityContext": {"capabilities": {"drop": drop, "add": add}}}

_cases := {
	"dropped": {"bodies": [_context(["KILL", "ALL"], ["NET_BIND_SERVICE"])], "want": set()},
	"not exactly ALL": {
		"bodies": [{}, _context(["all"], []), _context(["CAP_ALL"], [])],
		"want": {[0, "drop"], [1, "drop"], [2, "drop"]},
	},
	"other ones added": {"bodies": [_context(["ALL"], ["NET_BIND_SERVICE", "CHOWN"])], "want": {[0, "add/1"]}},
	"both": {"bodies": [_context([], ["CHOWN"])], "version": "v1.22", "want": {[0, "drop"], [0, "add/0"]}},
	"before 1.22 the rule of baseline": {
		"bodies": [{}, _context([], ["CHOWN", "NET_RAW"])],
		"version": "v1.21",
		"want": {[1, "add/1"]},
	},
	"windows": {
		"spec": {"os": {"name": "windows"}},
		"bodies": [{}, _context([], ["NET_RAW"])],
		"want": set(),
		"skip": {"Windows has no such setting: such pods are exempt since v1.25."},
	},
	"windows before 1.25": {
		"spec": {"os": {"name": "windows"}},
		"bodies": [_context([], ["CHOWN"])],
		"version": "v1.24",
		"want": {[0, "drop"], [0, "add/0"]},
	},
}

_path := "/spec/template/spec/containers/%d/securityContext/capabilities/%s"

test_verdict[note] if {
	some note, case in _cases
	verdict := [
		{finding.path | some finding in capabilities_not_dropped.fail},
		capabilities_not_dropped.skip,
	] with input as document(case)
		with data.parameters.capabilities_not_dropped as {"pss_version": object.get(case, "version", "latest")}
	verdict == [{sprintf(_path, want) | some want in case.want}, object.get(case, "skip", set())]
}

test_finding if {
	path := "/spec/template/spec/containers/0/securityContext"
	capabilities_not_dropped.fail == {{
		"path": sprintf("%s/capabilities/drop", [path]),
		"message": `Container a keeps default capabilities: drop is ["NET_RAW"], without ALL.`,
		"evidence": {"container": "a", "role": "app", "drop": ["NET_RAW"]},
		"patch": [{"op": "add", "path": sprintf("%s/capabilities/drop", [path]), "value": ["ALL"]}],
	}} with input as document({"bodies": [_context(["NET_RAW"], [])]})
		with data.parameters.capabilities_not_dropped as {"pss_version": "latest"}
}

test_nothing_set if {
	path := "/spec/template/spec/containers/0/securityContext"
	capabilities_not_dropped.fail == {{
		"path": sprintf("%s/capabilities/drop", [path]),
		"message": "Container a keeps default capabilities: drop is [], without ALL.",
		"evidence": {"container": "a", "role": "app", "drop": []},
		"patch": [
			{"op": "add", "path": path, "value": {}},
			{"op": "add", "path": sprintf("%s/capabilities", [path]), "value": {}},
			{"op": "add", "path": sprintf("%s/capabilities/drop", [path]), "value": ["ALL"]},
		],
	}} with input as document({"bodies": [{}]})
		with data.parameters.capabilities_not_dropped as {"pss_version": "latest"}
}
