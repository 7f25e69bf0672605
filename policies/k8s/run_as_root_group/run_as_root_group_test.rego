package k8s.run_as_root_group_test

import data.k8s.run_as_root_group
import data.lib.example.document

_context(fields) := {"securityContext": fields}

_pod := "spec/securityContext/"

_cases := {
	"nothing set": {"bodies": [{}], "want": set()},
	"other groups": {
		"spec": _context({"runAsGroup": 1000, "fsGroup": 1000, "supplementalGroups": [1000]}),
		"bodies": [_context({"runAsGroup": 1}), {}],
		"want": set(),
	},
	"container": {
		"bodies": [{}, _context({"runAsGroup": 0})],
		"want": {"spec/containers/1/securityContext/runAsGroup"},
	},
	"pod": {"spec": _context({"runAsGroup": 0}), "bodies": [{}], "want": {concat("", [_pod, "runAsGroup"])}},
	"pod, for the container that sets none": {
		"spec": _context({"runAsGroup": 0}),
		"bodies": [_context({"runAsGroup": 1000}), _context({})],
		"want": {concat("", [_pod, "runAsGroup"])},
	},
	"pod, but every container sets its own": {
		"spec": _context({"runAsGroup": 0}),
		"bodies": [_context({"runAsGroup": 1000}), _context({"runAsGroup": 0})],
		"want": {"spec/containers/1/securityContext/runAsGroup"},
	},
	"container against the pod": {
		"spec": _context({"runAsGroup": 1000}),
		"bodies": [_context({"runAsGroup": 0}), {}],
		"want": {"spec/containers/0/securityContext/runAsGroup"},
	},
	"group of volumes": {
		"spec": _context({"fsGroup": 0, "runAsGroup": 5}),
		"bodies": [{}],
		"want": {concat("", [_pod, "fsGroup"])},
	},
	"further groups": {
		"spec": _context({"supplementalGroups": [1, 0, 10]}),
		"bodies": [{}],
		"want": {concat("", [_pod, "supplementalGroups/1"])},
	},
}

test_paths[note] if {
	some note, case in _cases
	paths := {finding.path | some finding in run_as_root_group.fail} with input as document(case)
	{trim_prefix(path, "/spec/template/") | some path in paths} == case.want
}

test_findings if {
	pod := _context({"fsGroup": 0, "supplementalGroups": [0]})
	run_as_root_group.fail == {
		{
			"path": "/spec/template/spec/securityContext/fsGroup",
			"message": "The pod sets fsGroup to the group root (0).",
			"evidence": {"fsGroup": 0},
		},
		{
			"path": "/spec/template/spec/securityContext/supplementalGroups/0",
			"message": "The pod sets supplementalGroups to the group root (0).",
			"evidence": {"supplementalGroups": 0},
		},
		{
			"path": "/spec/template/spec/containers/0/securityContext/runAsGroup",
			"message": "Container a sets runAsGroup to the group root (0).",
			"evidence": {"container": "a", "role": "app", "runAsGroup": 0},
		},
	} with input as document({"spec": pod, "bodies": [_context({"runAsGroup": 0})]})
}
