package lib.pod_security_test

import data.lib.example.document
import data.lib.pod_security

_enforced(version) := {"pod-security.kubernetes.io/enforce-version": version}

_minors := {
	"parameter": ["v1.19", {}, 19],
	"parameter before label": ["v1.19", _enforced("v1.25"), 19],
	"first version": ["v1.0", _enforced("v1.25"), 0],
	"label": ["latest", _enforced("v1.25"), 25],
	"latest": ["latest", _enforced("latest"), 1000],
	"invalid label": ["latest", _enforced("v1.025"), 1000],
	"no label": ["latest", {}, 1000],
}

test_minor[note] if {
	some note, [asked, labels, want] in _minors
	minor := pod_security.minor(asked) with input as document({"labels": labels})
	minor == want
}

test_minor_without_namespace if pod_security.minor("latest") == 1000 with input as {}

test_not_yet if pod_security.not_yet("v1.33", 34) == "Part of the standards since v1.34; v1.33 is judged."

test_not_yet_from_then_on if not pod_security.not_yet("v1.34", 34)

_exempt := {
	"windows": [{"os": {"name": "windows"}}, "v1.25", true],
	"windows before 1.25": [{"os": {"name": "windows"}}, "v1.24", false],
	"linux": [{"os": {"name": "linux"}}, "v1.25", false],
	"node selector": [{"nodeSelector": {"kubernetes.io/os": "windows"}}, "v1.25", false],
}

test_windows[note] if {
	some note, [spec, version, want] in _exempt
	reasons := [1 | pod_security.windows(version)] with input as document({"spec": spec})
	count(reasons) == 1 == want
}

_relaxed := {
	"user namespace": [{"hostUsers": false}, "v1.35", true],
	"user namespace before 1.35": [{"hostUsers": false}, "v1.34", false],
	"users of the host": [{"hostUsers": true}, "v1.35", false],
	"not set": [{}, "v1.35", false],
}

test_user_namespace[note] if {
	some note, [spec, version, want] in _relaxed
	reasons := [1 | pod_security.user_namespace(version)] with input as document({"spec": spec})
	count(reasons) == 1 == want
}

test_label if {
	pod_security.label({"name": "web", "path": "/spec/containers/0"}) == "web"
	pod_security.label({"name": "", "path": "/spec/containers/0"}) == "/spec/containers/0"
}

test_setters if {
	of_pod := {"who": "The pod", "path": "/spec/template/spec/securityContext", "context": {}, "evidence": {}}
	of_container := {
		"who": "Container b",
		"path": "/spec/template/spec/containers/1/securityContext",
		"context": {"privileged": false},
		"evidence": {"container": "b", "role": "sidecar"},
	}
	case := {"spec": {"securityContext": {}}, "bodies": [{}, {"securityContext": {"privileged": false}}]}
	pod_security.setters == {of_pod, of_container} with input as document(case)
}
