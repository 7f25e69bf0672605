package lib.resources_test

import data.lib.example
import data.lib.resources

_body(requests, limits) := {"resources": {"requests": requests, "limits": limits}}

_cpu(value) := {"resources": {"requests": {"cpu": value}}}

_plain := {"include_init": false, "accept_limit_range": true}

_document(case) := object.union(example.document(case), {
	"meta": object.union({"kind": "Deployment", "created": ""}, object.get(case, "meta", {})),
	"related": {key: value | some key, value in {"limit_range": case.limit_range}},
})

_missing(field, parameters) := [input.containers[i].name |
	some i in resources.bare(field, "cpu")
	resources.missing(i, field, "cpu", parameters)
]

_names(case, field) := names if {
	parameters := object.union(_plain, object.get(case, "parameters", {}))
	names := _missing(field, parameters) with input as _document(case)
}

_range := {"names": ["limits"], "default": {"memory": "1Gi"}, "defaultRequest": {"cpu": "100m"}}

# containers a (app), b (sidecar), c (ephemeral): which of them request no CPU
_requests := {
	"both": {"bodies": [_cpu("100m"), _cpu(1)], "want": []},
	"none": {"bodies": [{}, {"resources": {}}], "want": ["a", "b"]},
	"another resource": {"bodies": [_body({"memory": "1Gi"}, {})], "want": ["a"]},
	"limit only": {"bodies": [_body({}, {"cpu": "1"})], "want": ["a"]},
	"zero": {"bodies": [_cpu("0"), _cpu(0)], "want": ["a", "b"]},
	"debug container": {"bodies": [_cpu("1"), _cpu("1"), {}], "want": []},
	"the pod": {"spec": _cpu("1"), "bodies": [{}, _cpu("1")], "want": []},
	"the pod, zero": {"spec": _cpu("0"), "bodies": [{}, _cpu("1")], "want": ["a"]},
	"the pod, another resource": {"spec": _body({"memory": "1Gi"}, {}), "bodies": [{}], "want": ["a"]},
	"limit of the pod": {"spec": {"resources": {"limits": {"cpu": "1"}}}, "bodies": [{}, {}], "want": []},
	"limit of the pod, zero": {"spec": {"resources": {"limits": {"cpu": "0"}}}, "bodies": [{}], "want": ["a"]},
	"request and limit of the pod": {"spec": _body({"cpu": "0"}, {"cpu": "1"}), "bodies": [{}], "want": ["a"]},
	"limit of the pod, and a request": {
		"spec": {"resources": {"limits": {"cpu": "1"}}},
		"bodies": [{}, _cpu("1")],
		"want": [],
	},
	"limit of the pod, and a request of nothing": {
		"spec": {"resources": {"limits": {"cpu": "1"}}},
		"bodies": [{}, _cpu("0")],
		"want": ["a", "b"],
	},
	"another limit of the pod, and some requests": {
		"spec": {"resources": {"limits": {"memory": "1Gi"}}},
		"bodies": [{}, _cpu("0"), _cpu("1")],
		"want": [],
	},
	"zero of the pod, and a request": {
		"spec": _body({"cpu": "0"}, {"memory": "1Gi"}),
		"bodies": [{}, _cpu("1")],
		"want": ["a"],
	},
	"no limit of the pod": {"spec": {"resources": {"limits": {}}}, "bodies": [{}, _cpu("1")], "want": ["a"]},
	"limit range": {"limit_range": _range, "bodies": [{}, {}], "want": []},
	"limit range, and zero": {"limit_range": _range, "bodies": [{}, _cpu("0")], "want": ["b"]},
	"limit range of zero": {
		"limit_range": object.union(_range, {"defaultRequest": {"cpu": "0"}}),
		"bodies": [{}],
		"want": ["a"],
	},
	"limit range for others": {
		"limit_range": {"names": ["limits"], "default": {"cpu": "1"}, "defaultRequest": {"memory": "1Gi"}},
		"bodies": [_body({"memory": "1Gi"}, {})],
		"want": ["a"],
	},
	"limit range that does not count": {
		"limit_range": _range,
		"parameters": {"accept_limit_range": false},
		"bodies": [{}],
		"want": ["a"],
	},
	"live pod, and limit range": {
		"limit_range": _range,
		"meta": {"kind": "Pod", "created": "2026-05-01T08:00:00Z"},
		"bodies": [{}],
		"want": ["a"],
	},
	"pod of a manifest, and limit range": {
		"limit_range": _range,
		"meta": {"kind": "Pod"},
		"bodies": [{}],
		"want": [],
	},
	"live template, and limit range": {
		"limit_range": _range,
		"meta": {"created": "2026-05-01T08:00:00Z"},
		"bodies": [{}],
		"want": [],
	},
	"no containers": {"want": []},
}

test_requests[note] if {
	some note, case in _requests
	_names(case, "requests") == case.want
}

# which have no CPU limit
_limits := {
	"both": {"bodies": [_body({}, {"cpu": "1"}), _body({}, {"cpu": 1})], "want": []},
	"request only": {"bodies": [_cpu("1")], "want": ["a"]},
	"the pod": {"spec": _body({}, {"cpu": "1"}), "bodies": [{}], "want": []},
	"request of the pod": {"spec": _body({"cpu": "1"}, {"memory": "1Gi"}), "bodies": [{}, _cpu("1")], "want": ["a", "b"]},
	"limit range": {"limit_range": object.union(_range, {"default": {"cpu": "1"}}), "bodies": [{}], "want": []},
	"limit range of requests": {"limit_range": _range, "bodies": [{}], "want": ["a"]},
}

test_limits[note] if {
	some note, case in _limits
	_names(case, "limits") == case.want
}

_judged(parameters) := [input.containers[i].role |
	some i, _ in input.containers
	resources.judged(i, object.union(_plain, parameters))
]

_of(roles, parameters) := judged if {
	judged := _judged(parameters) with input as {"containers": [{"role": role} | some role in roles]}
}

test_judged if {
	_of(["app", "sidecar", "init", "ephemeral"], {}) == ["app", "sidecar"]
	_of(["init", "app", "ephemeral", "sidecar"], {"include_init": true}) == ["init", "app", "sidecar"]
}

# of the first container: its own, the pod's, a LimitRange's
_memory(value) := {"resources": {"limits": {"memory": value}}}

_effective := {
	"own": [{"spec": _memory("2Gi"), "bodies": [_memory("1Gi")]}, ["1Gi"]],
	"of the pod": [{"spec": _memory("2Gi"), "bodies": [_memory("0")]}, ["2Gi"]],
	"of a limit range": [{"limit_range": _range, "bodies": [{}]}, ["1Gi"]],
	"of the pod before a limit range": [{"limit_range": _range, "spec": _memory(5), "bodies": [{}]}, [5]],
	"none": [{"bodies": [{}]}, []],
	"no quantity": [{"bodies": [_memory("lots")]}, []],
}

test_effective[note] if {
	some note, [case, want] in _effective
	found := [value | value := resources.effective(0, "limits", "memory", _plain)] with input as _document(case)
	found == want
}

_unreadable := {
	"container": [{"bodies": [_cpu("lots"), {}]}, {"lots is no quantity of cpu."}],
	"pod": [{"spec": _cpu("${CPU}"), "bodies": [{}, _cpu(-1)]}, {"${CPU} is no quantity of cpu.", "-1 is no quantity of cpu."}],
	"debug container": [{"bodies": [_cpu("1"), _cpu("0"), _cpu("lots")]}, set()],
	"limits": [{"bodies": [_body({}, {"cpu": "lots"})]}, set()],
}

_reasons := {reason | some i, _ in input.containers; some reason in resources.unreadable(i, "requests", "cpu", _plain)}

test_unreadable[note] if {
	some note, [case, want] in _unreadable
	found := _reasons with input as _document(case)
	found == want
}

# then it is not known whether any is missing
test_missing_or_unreadable if {
	_names({"bodies": [{}, _cpu("lots")]}, "requests") == ["a"]
	_names({"spec": _cpu("lots"), "bodies": [{}, _cpu("1")]}, "requests") == []
	_names({"bodies": [{}, _body({}, {"cpu": "lots"})]}, "requests") == ["a", "b"]
}

_bare(case) := places if {
	places := resources.bare("requests", "cpu") with input as _document(case)
}

test_bare if {
	_bare({"bodies": [_cpu("1"), _cpu("0"), {}]}) == {1, 2}
	_bare({"spec": _cpu("1"), "bodies": [_cpu(1), _body({}, {"cpu": "1"}), _cpu("lots")]}) == {1, 2}
	_bare({"bodies": [_cpu("1.5"), _cpu("250m")]}) == set()
}

_finding(i) := found if {
	found := resources.finding(i, "requests", "cpu", "requests no CPU") with input as _document({"bodies": [{}, _cpu("0")]})
}

test_finding if {
	path := "/spec/template/spec/containers/%d/resources/requests/cpu"
	_finding(0) == {
		"path": sprintf(path, [0]),
		"message": "Container a requests no CPU.",
		"evidence": {"container": "a", "role": "app"},
	}
	_finding(1) == {
		"path": sprintf(path, [1]),
		"message": "Container b requests no CPU: 0 counts as none.",
		"evidence": {"container": "b", "role": "sidecar", "requests": "0"},
	}
}
