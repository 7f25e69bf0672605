package k8s.seccomp_profile_missing_test

import data.k8s.seccomp_profile_missing
import data.lib.example.document

_profile(type) := {"securityContext": {"seccompProfile": {"type": type}}}

_windows := {"os": {"name": "windows"}}

_cases := {
	"pod": {"spec": _profile("RuntimeDefault"), "bodies": [{}, {"securityContext": {}}], "want": set()},
	"every container": {"bodies": [_profile("RuntimeDefault"), _profile("Localhost")], "want": set()},
	"not every container": {"bodies": [_profile("Localhost"), {}, {"securityContext": {}}], "want": {1, 2}},
	"unconfined container": {
		"spec": _profile("RuntimeDefault"),
		"bodies": [_profile("Unconfined"), {}],
		"want": {0},
	},
	"no containers": {"want": set()},
	"first version": {"bodies": [{}], "version": "v1.19", "want": {0}},
	"before 1.19 only annotations": {"bodies": [{}, _profile("Unconfined")], "version": "v1.18", "want": set()},
	"windows before 1.25": {"spec": _windows, "bodies": [{}], "version": "v1.24", "want": {0}},
	"windows": {
		"spec": _windows,
		"bodies": [{}, _profile("Unconfined")],
		"want": set(),
		"skip": {"Windows has no such setting: such pods are exempt since v1.25."},
	},
}

_path := "/spec/template/spec/containers/%d/securityContext/seccompProfile"

_paths := {finding.path | some finding in seccomp_profile_missing.fail}

test_verdict[note] if {
	some note, case in _cases
	verdict := [_paths, seccomp_profile_missing.skip] with input as document(case)
		with data.parameters.seccomp_profile_missing as {"pss_version": object.get(case, "version", "latest")}
	verdict == [{sprintf(_path, [i]) | some i in case.want}, object.get(case, "skip", set())]
}

test_unconfined_pod_is_one_finding if {
	paths := _paths with input as document({"spec": _profile("Unconfined"), "bodies": [{}, {}]})
		with data.parameters.seccomp_profile_missing as {"pss_version": "latest"}
	paths == {"/spec/template/spec/securityContext/seccompProfile"}
}

test_annotation if {
	case := {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}, "bodies": [{}]}
	paths := _paths with input as document(case)
		with data.parameters.seccomp_profile_missing as {"pss_version": "v1.18"}
	paths == {"/spec/template/metadata/annotations/seccomp.security.alpha.kubernetes.io~1pod"}
}

test_finding if {
	context := "/spec/template/spec/securityContext"
	seccomp_profile_missing.fail == {{
		"path": sprintf(_path, [0]),
		"message": "Neither the pod nor container a sets a seccomp profile.",
		"evidence": {"container": "a", "role": "app"},
		"patch": [
			{"op": "add", "path": context, "value": {}},
			{"op": "add", "path": sprintf("%s/seccompProfile", [context]), "value": {"type": "RuntimeDefault"}},
		],
	}} with input as document({"bodies": [{}]})
		with data.parameters.seccomp_profile_missing as {"pss_version": "latest"}
}
