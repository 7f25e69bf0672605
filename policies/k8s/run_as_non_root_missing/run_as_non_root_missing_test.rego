package k8s.run_as_non_root_missing_test

import data.k8s.run_as_non_root_missing
import data.lib.example.document

_context(context) := {"securityContext": context}

_yes := _context({"runAsNonRoot": true})

_no := _context({"runAsNonRoot": false})

_cases := {
	"pod": {"spec": _yes, "bodies": [{}, _context({})], "want": set()},
	"every container": {"bodies": [_yes, _yes], "want": set()},
	"not every container": {"bodies": [_yes, {}, _context({})], "want": {"containers/1/", "containers/2/"}},
	"container overrides": {"spec": _yes, "bodies": [_no, {}], "want": {"containers/0/"}},
	"pod false, though every container is true": {"spec": _no, "bodies": [_yes], "want": {""}},
	"pod false is one finding": {"spec": _no, "bodies": [{}, {}], "want": {""}},
	"no containers": {"want": set()},
	"user namespace": {"spec": {"hostUsers": false}, "bodies": [{}, _no], "version": "v1.35", "want": set()},
	"user namespace before 1.35": {
		"spec": {"hostUsers": false},
		"bodies": [{}, _no],
		"version": "v1.34",
		"want": {"containers/0/", "containers/1/"},
	},
	"user set where run_as_root_user finds it": {
		"spec": _context({"runAsUser": 0}),
		"bodies": [{}, _context({"runAsUser": 1000}), _context({})],
		"want": {"", "containers/1/"},
	},
}

_found(case) := findings if {
	findings := run_as_non_root_missing.fail with input as document(case)
		with data.parameters.run_as_non_root_missing as {"pss_version": object.get(case, "version", "latest")}
}

test_paths[note] if {
	some note, case in _cases
	paths := {sprintf("/spec/template/spec/%ssecurityContext", [place]) | some place in case.want}
	{finding.path | some finding in _found(case)} == paths
}

test_finding_of_absence if {
	_found({"bodies": [{}]}) == {{
		"path": "/spec/template/spec/containers/0/securityContext",
		"key": "a/runAsNonRoot",
		"message": "Neither the pod nor container a sets runAsNonRoot.",
		"evidence": {"container": "a", "role": "app"},
		"patch": [
			{"op": "add", "path": "/spec/template/spec/securityContext", "value": {}},
			{"op": "add", "path": "/spec/template/spec/securityContext/runAsNonRoot", "value": true},
		],
	}}
}

test_finding_of_false if {
	_found({"bodies": [_no]}) == {{
		"path": "/spec/template/spec/containers/0/securityContext",
		"message": "Container a allows root explicitly (runAsNonRoot is false).",
		"evidence": {"container": "a", "role": "app", "runAsNonRoot": false},
		"patch": [{
			"op": "add",
			"path": "/spec/template/spec/containers/0/securityContext/runAsNonRoot",
			"value": true,
		}],
	}}
}

test_no_patch_while_root_is_ordered if {
	found := _found({"bodies": [_context({"runAsUser": 0}), _no, {}]})
	[finding.patch | some finding in found] == []
	count(found) == 3
}
