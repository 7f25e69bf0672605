package k8s.run_as_root_user_test

import data.k8s.run_as_root_user
import data.lib.example.document

_user(id) := {"securityContext": {"runAsUser": id}}

_cases := {
	"pod, though the container overrides it": {
		"spec": _user(0),
		"bodies": [_user(1000)],
		"want": {"spec/securityContext/runAsUser"},
	},
	"containers": {
		"spec": _user(1000),
		"bodies": [_user(0), {}, _user(0)],
		"want": {"spec/containers/0/securityContext/runAsUser", "spec/containers/2/securityContext/runAsUser"},
	},
	"not set": {"bodies": [{}, {"securityContext": {}}], "want": set()},
	"user namespace": {"spec": {"hostUsers": false}, "bodies": [_user(0)], "version": "v1.35", "want": set()},
	"user namespace before 1.35": {
		"spec": {"hostUsers": false},
		"bodies": [_user(0)],
		"version": "v1.34",
		"want": {"spec/containers/0/securityContext/runAsUser"},
	},
	"first version": {"spec": _user(0), "version": "v1.23", "want": {"spec/securityContext/runAsUser"}},
	"before 1.23": {
		"spec": _user(0),
		"version": "v1.22",
		"want": set(),
		"skip": {"Part of the standards since v1.23; v1.22 is judged."},
	},
}

test_verdict[note] if {
	some note, case in _cases
	verdict := [{finding.path | some finding in run_as_root_user.fail}, run_as_root_user.skip] with input as document(case)
		with data.parameters.run_as_root_user as {"pss_version": object.get(case, "version", "latest")}
	verdict == [{sprintf("/spec/template/%s", [path]) | some path in case.want}, object.get(case, "skip", set())]
}

test_finding if {
	run_as_root_user.fail == {{
		"path": "/spec/template/spec/containers/0/securityContext/runAsUser",
		"message": "Container a orders the user root (runAsUser is 0).",
		"evidence": {"container": "a", "role": "app", "runAsUser": 0},
	}} with input as document({"bodies": [_user(0)]})
		with data.parameters.run_as_root_user as {"pss_version": "latest"}
}
