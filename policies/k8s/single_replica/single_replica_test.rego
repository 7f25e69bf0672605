package k8s.single_replica_test

import data.k8s.single_replica

_none := {"total": 0, "items": []}

_document(kind, low, high, autoscalers) := {
	"meta": {"kind": kind},
	"related": {"replicas": {"min": low, "max": high, "autoscalers": autoscalers}},
}

_cases := {
	"two": ["Deployment", 2, 2, {}, 0, 0],
	"one": ["Deployment", 1, 1, {}, 1, 0],
	"one at night": ["Deployment", 1, 9, {}, 1, 0],
	"none": ["Deployment", 0, 0, {}, 0, 1],
	"maybe none": ["Deployment", 0, 5, {}, 0, 1],
	"two, three asked for": ["Deployment", 2, 2, {"minimum": 3}, 1, 0],
	"stateful set": ["StatefulSet", 1, 1, {}, 1, 0],
	"stateful set left out": ["StatefulSet", 1, 1, {"include_stateful_set": false}, 0, 1],
	"others are not": ["Deployment", 1, 1, {"include_stateful_set": false}, 1, 0],
}

test_verdict[note] if {
	some note, [kind, low, high, parameters, fails, skips] in _cases
	asked := object.union({"minimum": 2, "include_stateful_set": true}, parameters)
	verdict := [count(single_replica.fail), count(single_replica.skip)] with data.parameters.single_replica as asked
		with input as _document(kind, low, high, _none)
	verdict == [fails, skips]
}

test_skip if {
	single_replica.skip == {"It is scaled to 0, or its autoscaler may do so."} with input as _document(
		"Deployment",
		0, 5, _none,
	)
	reason := "StatefulSets are left out by the parameter include_stateful_set."
	single_replica.skip == {reason} with input as _document("StatefulSet", 1, 1, _none)
		with data.parameters.single_replica as {"minimum": 2, "include_stateful_set": false}
}

test_autoscaler_is_named if {
	some finding in single_replica.fail with input as _document("Deployment", 1, 9, {"total": 1, "items": [{"name": "day"}]})
	finding.message == "Its lowest number of replicas is 1, by HorizontalPodAutoscaler day, the minimum is 2."
}

test_finding if {
	single_replica.fail == {{
		"path": "/spec/replicas",
		"message": "Its lowest number of replicas is 1, the minimum is 2.",
		"evidence": {"replicas": {"min": 1, "max": 1}, "autoscalers": []},
	}} with input as _document("Deployment", 1, 1, _none)
}

test_autoscalers_are_named if {
	some finding in single_replica.fail with input as _document(
		"Deployment", 1, 9,
		{"total": 2, "items": [{"name": "day"}, {"name": "night"}]},
	)
	finding.message == "Its lowest number of replicas is 1, by HorizontalPodAutoscaler day, night, the minimum is 2."
	finding.evidence.autoscalers == ["day", "night"]
}
