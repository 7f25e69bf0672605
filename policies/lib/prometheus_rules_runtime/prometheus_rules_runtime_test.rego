package lib.prometheus_rules_runtime_test

import data.lib.prometheus_rules_runtime

_list(items) := {"total": count(items), "items": items}

_at := "2026-06-01T12:00:00Z"

_answer(url, more) := {"url": url, "at": _at, "told": object.union(
	{
		"rules": {"alerts": 1, "records": 0},
		"silent": _list([]),
		"failing": _list([]),
		"gauges": _list([]),
	},
	more,
)}

_of(answers) := {
	"meta": {"kind": "Prometheus", "name": "k8s"},
	"spec": {},
	"related": {"prometheus_runtime": answers},
}

_silent(names) := {"silent": _list([{"rule": name, "missing": ["x"]} | some name in names])}

test_everywhere if {
	document := _of([_answer("http://a", _silent(["A", "B"])), _answer("http://b", _silent(["B", "C"]))])
	prometheus_rules_runtime.everywhere("silent") == {"B": {"rule": "B", "missing": ["x"]}} with input as document
	prometheus_rules_runtime.everywhere("failing") == {} with input as document
	prometheus_rules_runtime.everywhere("silent") == {} with input as _of([])
}

test_everywhere_of_one_that_does_not_say if {
	silent := _answer("http://a", _silent(["A"]))
	mute := object.union(_answer("http://b", {}), {"told": {"rules": null}})
	document := _of([{"url": "http://c", "at": _at, "told": {"unruled": "x"}}, silent])
	object.keys(prometheus_rules_runtime.everywhere("silent")) == {"A"} with input as document
	prometheus_rules_runtime.everywhere("silent") == {} with input as _of([silent, mute])
}

test_finding if {
	document := _of([_answer("http://a", {})])
	prometheus_rules_runtime.finding("k", "it is so", {"rule": "A"}) == {
		"path": "/spec",
		"key": "k",
		"message": "Prometheus k8s: it is so.",
		"evidence": {"rule": "A", "answers": [{"url": "http://a", "at": _at}]},
	} with input as document
	not prometheus_rules_runtime.finding("k", "x", {}) with input as {
		"meta": {"kind": "Deployment", "name": "web"},
		"containers": [],
		"related": {"prometheus_runtime": []},
	}
}

test_unread[note] if {
	some note, [answers, want] in {
		"nobody": [[], {"No address of it is given; --prometheus NAMESPACE/NAME=URL gives one."}],
		"silence": [[{"url": "http://a", "at": _at, "failure": "nobody listens there"}], {"http://a did not say: nobody listens there."}],
		"all": [[_answer("http://a", {})], set()],
		"no rules": [[{"url": "http://a", "at": _at, "told": {"unruled": "HTTP 404"}}], {"http://a does not tell its rules: HTTP 404."}],
		"of an older snapshot": [[{"url": "http://a", "at": _at, "told": {"retention": "1d"}}], {"http://a does not tell its rules: it was not asked for them."}],
		"too many silent": [[_answer("http://a", {"silent": {"total": 2, "items": [{}]}})], {"http://a tells of more rules than are looked at."}],
		"too many failing": [[_answer("http://a", {"failing": {"total": 1, "items": []}})], {"http://a tells of more rules than are looked at."}],
		"too many gauges": [[_answer("http://a", {"gauges": {"total": 1, "items": []}})], {"http://a tells of more rules than are looked at."}],
	}
	prometheus_rules_runtime.unread == want with input as _of(answers)
}
