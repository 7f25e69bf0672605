package k8s.prometheus_retention_drift_test

import data.k8s.prometheus_retention_drift

_at := "2026-06-01T12:00:00Z"

_one(name, told) := {"url": sprintf("http://%s", [name]), "at": _at, "told": object.union({"reloaded": true, "configured": _at}, told)}

_keeps(name, retention) := _one(name, {"retention": retention})

_silent := {"url": "http://c", "at": _at, "failure": "nobody listens there"}

_own(spec, items) := {
	"meta": {"kind": "Prometheus", "name": "k8s"},
	"spec": spec,
	"containers": [],
	"related": {"prometheus_runtime": items},
}

# what its file says is not known since v3.8
_new(items) := {
	"meta": {"kind": "Deployment", "name": "web"},
	"spec": {},
	"containers": [{"name": "server", "role": "app", "path": "/spec/template/spec/containers/0", "body": {
		"image": "prom/prometheus:v3.16.0",
		"args": ["--storage.tsdb.retention.time=30d"],
	}}],
	"related": {"prometheus_runtime": items},
}

_agent := object.union(_new([_one("a", {"retention": "15d", "reloaded": false})]), {"containers": [{
	"name": "server",
	"role": "app",
	"path": "/spec/template/spec/containers/0",
	"body": {"image": "prom/prometheus:v2.55.1", "args": ["--agent"]},
}]})

_month := {"retention": "30d"}

_file := "What stands in the file prometheus.yml is not known: it lies in the container itself."

_told(declared, retention) := sprintf("Prometheus k8s is told to keep its samples for %s, and keeps them for %s.", [declared, retention])

_older := "could not read its configuration file last time, and works by an older one."

_differ := "Container server keeps its samples for other times or sizes in some replicas than in others."

# messages, skip, unknown
_cases := {
	"the same": [_own(_month, [_keeps("a", "30d")]), [], [], []],
	"the same in other units": [_own({"retention": "720h", "retentionSize": "1KB"}, [_keeps("a", "30d or 1KiB")]), [], [], []],
	"all the same": [_own(_month, [_keeps("a", "30d"), _keeps("b", "30d")]), [], [], []],
	"less": [_own(_month, [_keeps("a", "15d")]), [_told("30d", "15d")], [], []],
	"the size too": [_own(_month, [_keeps("a", "30d or 1KiB")]), [_told("30d", "30d or 1KiB")], [], []],
	"no limit": [_own(_month, [_keeps("a", "")]), [_told("30d", "ever, without a limit")], [], []],
	"one of two": [_own(_month, [_keeps("a", "30d"), _keeps("b", "1y")]), [_told("30d", "1y")], [], []],
	"both": [_own(_month, [_keeps("a", "15d"), _keeps("b", "1y")]), [_told("30d", "15d")], [], []],
	"an older file": [_own(_month, [_one("a", {"retention": "30d", "reloaded": false})]), [sprintf("Prometheus k8s %s", [_older])], [], []],
	"silent": [_own(_month, [_silent]), [], [], ["http://c did not say: nobody listens there."]],
	"silent, and less": [_own(_month, [_silent, _keeps("a", "15d")]), [_told("30d", "15d")], [], ["http://c did not say: nobody listens there."]],
	"unclear": [_own(_month, [_keeps("a", "soon")]), [], [], [`http://a says that it keeps "soon", which is no limit.`]],
	"unclear, and less": [_own(_month, [_keeps("a", "soon"), _keeps("b", "15d")]), [_told("30d", "15d")], [], [`http://a says that it keeps "soon", which is no limit.`]],
	"not declared": [_new([_keeps("a", "15d")]), [], [], [_file]],
	"not declared, and an older file": [_new([_one("a", {"retention": "15d", "reloaded": false})]), [sprintf("Container server %s", [_older])], [], [_file]],
	"not declared, and alike": [_new([_keeps("a", "15d"), _keeps("b", "360h")]), [], [], [_file]],
	"not declared, and different": [_new([_keeps("a", "15d"), _keeps("b", "30d")]), [_differ], [], [_file]],
	"not declared, and unclear": [_new([_keeps("a", "15d"), _keeps("b", "soon")]), [], [], [_file, `http://b says that it keeps "soon", which is no limit.`]],
	"agent": [_agent, [], ["It is an agent, which keeps no samples."], []],
	"other program": [object.union(_own(_month, [_keeps("a", "15d")]), {"meta": {"kind": "Deployment"}}), [], ["It runs no Prometheus."], []],
	"other program, silent": [object.union(_own(_month, []), {"meta": {"kind": "Deployment"}}), [], ["It runs no Prometheus."], []],
	"other program, different": [object.union(_own({}, [_one("a", {"retention": "15d", "reloaded": false}), _keeps("b", "soon")]), {"meta": {"kind": "Deployment"}}), [], ["It runs no Prometheus."], []],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	{one.message | some one in prometheus_retention_drift.fail} == {one | some one in messages} with input as document
	prometheus_retention_drift.skip == {one | some one in skipped} with input as document
	prometheus_retention_drift.unknown == {one | some one in untold} with input as document
}

test_finding if {
	document := _own(_month, [_keeps("a", "30d"), _keeps("b", "1y")])
	prometheus_retention_drift.fail == {{
		"path": "/spec",
		"key": "limits",
		"message": _told("30d", "1y"),
		"evidence": {"declared": "30d", "answers": [{"url": "http://b", "at": _at, "retention": "1y", "configured": _at}]},
	}} with input as document
}

test_all_findings if {
	document := _own(_month, [_one("a", {"retention": "15d", "reloaded": false, "version": "3.16.0"}), _keeps("b", "30d")])
	found := {one.key: [answer.url | some answer in one.evidence.answers] | some one in prometheus_retention_drift.fail} with input as document
	found == {"limits": ["http://a"], "reload": ["http://a"]}
}

test_replicas if {
	[found] := [one | some one in prometheus_retention_drift.fail] with input as _new([_keeps("a", "15d"), _keeps("b", "30d"), _keeps("c", "soon")])
	found.key == "replicas"
	found.path == "/spec/template/spec/containers/0"
	[answer.url | some answer in found.evidence.answers] == ["http://a", "http://b"]
}
