package k8s.alert_never_fires_test

import data.k8s.alert_never_fires

_list(items) := {"total": count(items), "items": items}

_of(more) := {
	"meta": {"kind": "Prometheus", "name": "k8s"},
	"spec": {},
	"related": {"prometheus_runtime": [{"url": "http://a", "at": "2026-06-01T12:00:00Z", "told": object.union({"rules": {"alerts": 1}}, more)}]},
}

_silent := {"rule": "WebDown", "missing": ["web_up", "web_seconds"]}

_failing := {"rule": "WebSlow", "error": "many-to-many matching not allowed"}

_finding(key, says, said) := {
	"path": "/spec",
	"key": key,
	"message": sprintf("Prometheus k8s: %s.", [says]),
	"evidence": object.union(said, {"answers": [{"url": "http://a", "at": "2026-06-01T12:00:00Z"}]}),
}

_never := _finding("WebDown", "alert WebDown cannot fire, as there is no web_up, web_seconds", _silent)

_fails := _finding("WebSlow fails", "rule WebSlow fails: many-to-many matching not allowed", _failing)

_cases := {
	"none": [_of({}), set()],
	"silent": [_of({"silent": _list([_silent])}), {_never}],
	"failing": [_of({"failing": _list([_failing])}), {_fails}],
	"both": [_of({"silent": _list([_silent]), "failing": _list([_failing])}), {_never, _fails}],
}

test_verdict[note] if {
	some note, [document, want] in _cases
	alert_never_fires.fail == want with input as document
	[alert_never_fires.skip, alert_never_fires.unknown] == [set(), set()] with input as document
}

test_allowed if {
	alert_never_fires.fail == set() with input as _of({"silent": _list([_silent])})
		with data.parameters.alert_never_fires.allowed as ["WebDown"]
}

test_absent if {
	document := {
		"meta": {"kind": "Deployment", "name": "web"},
		"spec": {},
		"containers": [],
		"related": {"prometheus_runtime": []},
	}
	[alert_never_fires.skip, alert_never_fires.unknown] == [{"It runs no Prometheus."}, set()] with input as document
}

test_unread if {
	document := object.union(_of({}), {"related": {"prometheus_runtime": []}})
	alert_never_fires.unknown == {"No address of it is given; --prometheus NAMESPACE/NAME=URL gives one."} with input as document
}
