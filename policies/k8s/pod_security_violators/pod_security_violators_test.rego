package k8s.pod_security_violators_test

import data.k8s.pod_security_violators
import data.lib.pod_security

_nothing := {"fail": 0, "pass": 0, "not_applicable": 0, "not_evaluated": 0}

_named(number) := [{"kind": "Pod", "name": sprintf("web-%d", [i])} | some i in numbers.range(10, number + 9)]

_counts := {
	"fail": {"fail": 2, "failing": _named(2), "objects_failing": 2},
	"not_evaluated": {"not_evaluated": 1},
}

_results(changed) := object.union(
	{policy: object.union(_nothing, {"pass": 2}) | some level; some policy in pod_security.levels[level]},
	{policy: _counts[status] | some policy, status in changed},
)

_document(case) := {
	"meta": {
		"name": "shop",
		"labels": {sprintf("pod-security.kubernetes.io/%s", [key]): value |
			some key, value in object.get(case, "labels", {"enforce": "baseline"})
		},
	},
	"results": object.get(case, "results", _results(object.get(case, "changed", {}))),
}

_parameters(case) := {
	"cluster_default": object.get(case, "default", "privileged"),
	"pss_version": object.get(case, "version", "latest"),
}

_open(level, policy) := sprintf("Whether what is in it passes %s is not known: %s.", [level, policy])

_no_level := "It enforces no level."

_other_version := "It enforces the version latest, and is judged at v1.25."

_empty := {policy: _nothing | some level; some policy in pod_security.levels[level]}

# the level that is failed, what is not known, why it does not apply
_cases := {
	"all pass": [{}, set(), set(), set()],
	"fails": [{"changed": {"host_pid": "fail"}}, {"baseline"}, set(), set()],
	"fails another level": [{"changed": {"run_as_root_user": "fail"}}, set(), set(), set()],
	"fails restricted": [
		{"labels": {"enforce": "restricted"}, "changed": {"run_as_root_user": "fail"}},
		{"restricted"},
		set(),
		set(),
	],
	"invalid level": [
		{"labels": {"enforce": "strict"}, "changed": {"run_as_root_user": "fail"}},
		{"restricted"},
		set(),
		set(),
	],
	"default": [
		{"labels": {}, "default": "baseline", "changed": {"host_pid": "fail"}},
		{"baseline"},
		set(),
		set(),
	],
	"no level": [{"labels": {}, "changed": {"host_pid": "fail"}}, set(), set(), {_no_level}],
	"no level, and not all judged": [
		{"labels": {"enforce": "privileged"}, "changed": {"host_pid": "not_evaluated"}},
		set(),
		set(),
		{_no_level},
	],
	"no level, and another version": [{"labels": {}, "version": "v1.25"}, set(), set(), {_no_level}],
	"not all judged": [{"changed": {"host_pid": "not_evaluated"}}, set(), {_open("baseline", "host_pid")}, set()],
	"fails, and not all judged": [
		{"changed": {"host_pid": "fail", "host_ipc": "not_evaluated", "host_port": "not_evaluated"}},
		{"baseline"},
		{_open("baseline", "host_ipc, host_port")},
		set(),
	],
	"another version": [{"version": "v1.25", "changed": {"host_pid": "fail"}}, set(), {_other_version}, set()],
	"its own version": [
		{
			"version": "v1.25",
			"labels": {"enforce": "baseline", "enforce-version": "v1.25"},
			"changed": {"host_pid": "fail"},
		},
		{"baseline"},
		set(),
		set(),
	],
	"empty": [{"results": _empty}, set(), set(), {"Nothing that has pods is in it."}],
	"empty, and another version": [
		{"results": _empty, "version": "v1.25"},
		set(),
		set(),
		{"Nothing that has pods is in it."},
	],
}

_verdict := [
	{finding.evidence.enforces | some finding in pod_security_violators.fail},
	pod_security_violators.unknown,
	pod_security_violators.skip,
]

test_verdict[note] if {
	some note, [case, levels, unknowns, skips] in _cases
	verdict := _verdict with input as _document(case)
		with data.parameters.pod_security_violators as _parameters(case)
	verdict == [levels, unknowns, skips]
}

_finding(case) := found if {
	[found] := [finding | some finding in pod_security_violators.fail] with input as _document(case)
		with data.parameters.pod_security_violators as _parameters(case)
}

test_finding if {
	_finding({"changed": {"host_pid": "fail", "host_ipc": "fail"}}) == {
		"path": "/metadata/labels/pod-security.kubernetes.io~1enforce",
		"message": "It enforces baseline, and objects in it fail host_ipc, host_pid.",
		"evidence": {"enforces": "baseline", "version": "latest", "objects": {"host_ipc": 2, "host_pid": 2}},
		"related": [
			{"kind": "Pod", "namespace": "shop", "name": "web-10"},
			{"kind": "Pod", "namespace": "shop", "name": "web-11"},
		],
	}
}

test_at_most_20_are_named if {
	many := {"fail": 25, "failing": _named(25), "objects_failing": 25}
	found := _finding({"results": object.union(_results({}), {"host_pid": many})})
	[one.name | some one in found.related] == [one.name | some one in _named(20)]
	found.evidence.objects == {"host_pid": 25}
}
