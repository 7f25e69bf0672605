package k8s.pod_security_level_promotable_test

import data.k8s.pod_security_level_promotable
import data.lib.pod_security

_label := "pod-security.kubernetes.io/enforce"

_nothing := {"fail": 0, "pass": 0, "not_applicable": 0, "not_evaluated": 0}

_results(changed) := object.union(
	{policy: object.union(_nothing, {"pass": 2}) | some level; some policy in pod_security.levels[level]},
	{policy: {status: 1} | some policy, status in changed},
)

_document(case) := {
	"meta": {"labels": object.get(case, "labels", {})},
	"results": object.get(case, "results", _results(object.get(case, "changed", {}))),
}

_parameters(case) := {
	"cluster_default": object.get(case, "default", "privileged"),
	"pss_version": object.get(case, "version", "latest"),
}

_open(level, policy) := sprintf("Whether everything in it passes %s is not known: %s.", [level, policy])

# what could be enforced, and what is not known
_cases := {
	"all": [{}, {"restricted"}, set()],
	"from baseline": [{"labels": {_label: "baseline"}}, {"restricted"}, set()],
	"highest": [{"labels": {_label: "restricted"}}, set(), set()],
	"default": [{"default": "restricted"}, set(), set()],
	"restricted fails": [{"changed": {"run_as_root_user": "fail"}}, {"baseline"}, set()],
	"restricted fails, from baseline": [
		{"labels": {_label: "baseline"}, "changed": {"run_as_root_user": "fail"}},
		set(),
		set(),
	],
	"both fail": [{"changed": {"host_pid": "fail"}}, set(), set()],
	"restricted is open": [
		{"changed": {"run_as_root_user": "not_evaluated"}},
		{"baseline"},
		{_open("restricted", "run_as_root_user")},
	],
	"baseline is open, and restricted fails": [
		{"changed": {"run_as_root_user": "fail", "host_path_volume": "not_evaluated"}},
		set(),
		{_open("baseline", "host_path_volume")},
	],
	"baseline is open, and restricted is not": [
		{"changed": {"host_path_volume": "not_evaluated"}},
		{"restricted"},
		set(),
	],
	"both are open": [
		{"changed": {"host_pid": "not_evaluated", "run_as_root_user": "not_evaluated"}},
		set(),
		{_open("baseline", "host_pid"), _open("restricted", "host_pid, run_as_root_user")},
	],
	"open and failing": [{"changed": {"host_pid": "fail", "host_ipc": "not_evaluated"}}, set(), set()],
}

_verdict := [
	{finding.evidence.could_enforce | some finding in pod_security_level_promotable.fail},
	pod_security_level_promotable.unknown,
	pod_security_level_promotable.skip,
]

_of(case) := verdict if {
	verdict := _verdict with input as _document(case)
		with data.parameters.pod_security_level_promotable as _parameters(case)
}

test_verdict[note] if {
	some note, [case, levels, unknowns] in _cases
	_of(case) == [levels, unknowns, set()]
}

test_nothing_there if {
	results := {policy: _nothing | some level; some policy in pod_security.levels[level]}
	_of({"results": results}) == [set(), set(), {"Nothing that has pods is in it."}]
}

_finding(case) := found if {
	found := pod_security_level_promotable.fail with input as _document(case)
		with data.parameters.pod_security_level_promotable as _parameters(case)
}

test_finding if {
	path := "/metadata/labels/pod-security.kubernetes.io~1enforce"
	labels := {_label: "baseline", "pod-security.kubernetes.io/enforce-version": "v1.30"}
	_finding({"labels": labels}) == {{
		"path": path,
		"message": "Everything in it passes restricted at version v1.30, and it enforces baseline.",
		"evidence": {"enforces": "baseline", "could_enforce": "restricted", "version": "v1.30"},
		"patch": [
			{"op": "add", "path": path, "value": "restricted"},
			{"op": "add", "path": sprintf("%s-version", [path]), "value": "v1.30"},
		],
	}}
}

test_patch_without_labels if {
	[found] := [finding | some finding in _finding({"version": "v1.25"})]
	found.patch == [
		{"op": "add", "path": "/metadata/labels", "value": {}},
		{"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce", "value": "restricted"},
		{"op": "add", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce-version", "value": "v1.25"},
	]
}
