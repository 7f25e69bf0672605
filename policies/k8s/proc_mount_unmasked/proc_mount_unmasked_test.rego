package k8s.proc_mount_unmasked_test

import data.k8s.proc_mount_unmasked
import data.lib.example.document

_unmasked := {"securityContext": {"procMount": "Unmasked"}}

_default := {"securityContext": {"procMount": "Default"}}

_cases := {
	"every container": {"bodies": [_unmasked, {}, _unmasked], "want": {0, 2}},
	"default": {"bodies": [_default, {"securityContext": {}}], "want": set()},
	"user namespace": {"spec": {"hostUsers": false}, "bodies": [_unmasked], "version": "v1.35", "want": set()},
	"user namespace before 1.35": {
		"spec": {"hostUsers": false},
		"bodies": [_unmasked],
		"version": "v1.34",
		"want": {0},
	},
}

_path := "/spec/template/spec/containers/%d/securityContext/procMount"

test_paths[note] if {
	some note, case in _cases
	found := proc_mount_unmasked.fail with input as document(case)
		with data.parameters.proc_mount_unmasked as {"pss_version": object.get(case, "version", "latest")}
	{finding.path | some finding in found} == {sprintf(_path, [i]) | some i in case.want}
}

test_finding if {
	path := sprintf(_path, [0])
	proc_mount_unmasked.fail == {{
		"path": path,
		"message": "Container a sets procMount to Unmasked.",
		"evidence": {"container": "a", "role": "app", "procMount": "Unmasked"},
		"patch": [{"op": "remove", "path": path}],
	}} with input as document({"bodies": [_unmasked]})
		with data.parameters.proc_mount_unmasked as {"pss_version": "latest"}
}
