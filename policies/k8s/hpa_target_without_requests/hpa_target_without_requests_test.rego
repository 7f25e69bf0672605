package k8s.hpa_target_without_requests_test

import data.k8s.hpa_target_without_requests

_cpu := {"resource": {"name": "cpu", "target": {"averageUtilization": 80}}}

_one := {"containerResource": {"name": "cpu", "container": "a", "target": {"averageUtilization": 80}}}

_value := {"resource": {"name": "cpu", "target": {"averageValue": "500m"}}}

_metric := {"index": 0, "resource": "cpu", "missing": ["container a"], "absent": false, "template": false}

_template := object.union(_metric, {"template": true})

_requests(items) := {"requests": {"known": true, "metrics": {"total": count(items), "items": items}}}

_unknown := {"requests": {"known": false, "metrics": {"total": 0, "items": []}}}

_document(metrics, related) := {
	"spec": {"metrics": metrics},
	"related": object.union({"target": {"exists": true}}, related),
}

_limits(resource) := {"limit_range": {"defaultRequest": {resource: "100m"}}}

_cases := {
	"all request it": [[_cpu], _requests([object.union(_metric, {"missing": []})]), {}],
	"one does not": [[_cpu], _requests([_metric]), {"high"}],
	"another metric works": [[_cpu, _value], _requests([_metric]), {"medium"}],
	"neither works": [[_cpu, _one], _requests([_metric, object.union(_metric, {"index": 1})]), {"high"}],
	"limit range": [[_cpu], object.union(_requests([_template]), _limits("cpu")), {}],
	"limit range for another resource": [
		[_cpu],
		object.union(_requests([_template]), _limits("memory")),
		{"high"},
	],
	"limit range, but live pods": [[_cpu], object.union(_requests([_metric]), _limits("cpu")), {"high"}],
	"limit range, but no such container": [
		[_cpu],
		object.union(_requests([object.union(_template, {"absent": true})]), _limits("cpu")),
		{"high"},
	],
	"a value needs none": [[_value], _requests([]), {}],
}

test_verdict[note] if {
	some note, [metrics, related, want] in _cases
	found := {finding.severity | some finding in hpa_target_without_requests.fail} with input as _document(
		metrics,
		related,
	)
	found == {severity | some severity in want}
	hpa_target_without_requests.skip | hpa_target_without_requests.unknown == set() with input as _document(
		metrics,
		related,
	)
}

_gone := {"target": {"exists": false}}

_lost := {"What the pods of its target request is not known."}

_others := {
	"not there": [[_cpu], object.union(_unknown, _gone), {"Its target is not there."}, set()],
	"unknown": [[_cpu], _unknown, set(), _lost],
	"unknown, of one container": [[_value, _one], _unknown, set(), _lost],
	"unknown, and not needed": [[_value], _unknown, set(), set()],
	"known": [[_cpu], _requests([]), set(), set()],
}

test_others[note] if {
	some note, [metrics, related, skips, unknowns] in _others
	verdict := [hpa_target_without_requests.skip, hpa_target_without_requests.unknown] with input as _document(
		metrics,
		related,
	)
	verdict == [skips, unknowns]
}

test_finding if {
	metric := object.union(_metric, {"index": 2, "missing": ["container a", "container b"]})
	hpa_target_without_requests.fail == {{
		"path": "/spec/metrics/2",
		"severity": "high",
		"message": "Its utilization of cpu cannot be computed: container a, container b requests none.",
		"evidence": metric,
	}} with input as _document([_cpu], _requests([metric]))
}

test_no_such_container if {
	some finding in hpa_target_without_requests.fail with input as _document(
		[_one],
		_requests([object.union(_metric, {"absent": true, "missing": ["container a", "container b"]})]),
	)
	finding.message == "Its utilization of cpu cannot be computed: there is no container a, container b."
}
