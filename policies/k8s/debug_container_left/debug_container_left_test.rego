package k8s.debug_container_left_test

import data.k8s.debug_container_left
import data.lib.example.document

# the third container of an example is an ephemeral one
_found(body) := found if {
	found := debug_container_left.fail with input as document({"bodies": [{}, {}, body]})
}

_path := "/spec/template/spec/containers/2"

test_finding if {
	_found({"image": "busybox:1.37", "targetContainerName": "a"}) == {{
		"path": _path,
		"message": "The debug container c (busybox:1.37) is still in the pod.",
		"severity": "low",
		"evidence": {"container": "c", "image": "busybox:1.37", "target": "a"},
	}}
}

test_privileged if {
	_found({"securityContext": {"privileged": true}}) == {{
		"path": _path,
		"message": "The privileged debug container c () is still in the pod.",
		"severity": "high",
		"evidence": {"container": "c", "image": "", "target": ""},
	}}
}

test_not_privileged[note] if {
	contexts := {"false": {"privileged": false}, "root": {"runAsUser": 0}, "capability": {"capabilities": {"add": ["SYS_PTRACE"]}}}
	some note, context in contexts
	[finding.severity | some finding in _found({"securityContext": context})] == ["low"]
}

test_without if {
	privileged := {"securityContext": {"privileged": true}}
	debug_container_left.fail == set() with input as document({"bodies": [privileged, privileged]})
}
