package k8s.read_only_root_filesystem_missing_test

import data.k8s.read_only_root_filesystem_missing
import data.lib.example.document

_root(value) := {"securityContext": {"readOnlyRootFilesystem": value}}

_all := ["app", "sidecar", "init", "ephemeral"]

_cases := {
	"every container": {"bodies": [_root(true), _root(true), _root(true)], "want": set()},
	"false and absent": {"bodies": [_root(false), {}, {}], "want": {0, 1}},
	"ephemeral as well": {"bodies": [{}, {"securityContext": {}}, {}], "roles": _all, "want": {0, 1, 2}},
	"other roles": {"bodies": [{}, {}], "roles": ["sidecar"], "want": {1}},
	"linux": {"spec": {"os": {"name": "linux"}}, "bodies": [{}], "want": {0}},
	"not a field of the pod": {"spec": _root(true), "bodies": [{}], "want": {0}},
	"windows": {
		"spec": {"os": {"name": "windows"}},
		"bodies": [{}],
		"want": set(),
		"skip": {"Windows has no such setting."},
	},
}

_path := "/spec/template/spec/containers/%d/securityContext/readOnlyRootFilesystem"

_verdict := [
	{finding.path | some finding in read_only_root_filesystem_missing.fail},
	read_only_root_filesystem_missing.skip,
]

test_verdict[note] if {
	some note, case in _cases
	roles := object.get(case, "roles", ["app", "sidecar", "init"])
	verdict := _verdict with input as document(case)
		with data.parameters.read_only_root_filesystem_missing as {"roles": roles}
	verdict == [{sprintf(_path, [i]) | some i in case.want}, object.get(case, "skip", set())]
}

test_finding if {
	finding := {
		"path": sprintf(_path, [0]),
		"message": "Container a can write to its root filesystem.",
		"evidence": {"container": "a", "role": "app"},
		"patch": [
			{"op": "add", "path": "/spec/template/spec/containers/0/securityContext", "value": {}},
			{"op": "add", "path": sprintf(_path, [0]), "value": true},
		],
	}
	read_only_root_filesystem_missing.fail == {finding} with input as document({"bodies": [{}]})
}
