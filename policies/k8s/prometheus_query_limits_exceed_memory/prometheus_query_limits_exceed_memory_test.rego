package k8s.prometheus_query_limits_exceed_memory_test

import data.k8s.prometheus_query_limits_exceed_memory

_path := "/spec/template/spec/containers/0"

_runs(args, memory) := {
	"meta": {"kind": "Deployment", "name": "metrics"},
	"spec": {"resources": {"limits": {"memory": "1Ki"}}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": {"image": "prom/prometheus:v3.16.0", "args": args, "resources": {"limits": memory}},
	}],
}

_own(query) := {
	"meta": {"kind": "Prometheus", "name": "k8s"},
	"spec": {"query": query, "resources": {"limits": {"memory": "2Gi"}}},
}

_finding(path, who, figures, memory) := {
	"path": path,
	"key": "queries",
	"message": sprintf("%s: queries may take %d MiB, its memory is limited to %v.", [who, figures[2], memory]),
	"evidence": {"concurrency": figures[0], "samples": figures[1], "memory": memory},
}

_of(figures, memory) := _finding(_path, "Container server", figures, memory)

_own_of(figures) := _finding("/spec", "Prometheus k8s", figures, "2Gi")

_ours := ["--query.max-concurrency=10", "--query.max-samples=10000000"]

_cases := {
	"default": [_runs([], {"memory": "8Gi"}), {_of([20, 50000000, 15259], "8Gi")}],
	"lower": [_runs(_ours, {"memory": "8Gi"}), set()],
	"just so": [_runs(_ours, {"memory": "1600M"}), set()],
	"a little more": [_runs(_ours, {"memory": "1599999999"}), {_of([10, 10000000, 1526], "1599999999")}],
	"the last counts": [_runs(array.concat(["--query.max-samples=1"], _ours), {"memory": "1Gi"}), {_of([10, 10000000, 1526], "1Gi")}],
	"half a MiB": [
		_runs(["--query.max-concurrency=1", "--query.max-samples=6586368"], {"memory": "1Mi"}),
		{_of([1, 6586368, 101], "1Mi")},
	],
	"less than half": [
		_runs(["--query.max-concurrency=1", "--query.max-samples=6586367"], {"memory": "1Mi"}),
		{_of([1, 6586367, 100], "1Mi")},
	],
	"operator": [_own({"maxConcurrency": 4, "maxSamples": 10000000}), set()],
	"default of the operator": [_own({}), {_own_of([20, 50000000, 15259])}],
	"half of the operator": [_own({"maxSamples": 10000000}), {_own_of([20, 10000000, 3052])}],
}

test_verdict[note] if {
	some note, [document, want] in _cases
	prometheus_query_limits_exceed_memory.fail == want with input as document
	prometheus_query_limits_exceed_memory.skip == set() with input as document
	prometheus_query_limits_exceed_memory.unknown == set() with input as document
}

test_no_limit if {
	document := _runs(["$(FLAGS)"], {"cpu": "1"})
	prometheus_query_limits_exceed_memory.skip == {"Nothing limits its memory."} with input as document
	prometheus_query_limits_exceed_memory.unknown == set() with input as document
}

test_absent if {
	document := object.union(_runs([], {}), {"containers": []})
	prometheus_query_limits_exceed_memory.skip == {"It runs no Prometheus."} with input as document
}

test_unknown[note] if {
	some note, [args, want] in {
		"line": [["$(FLAGS)"], "A part of the command line of Prometheus cannot be told."],
		"number": [["--query.max-samples=$(MANY)"], "Its limits of queries cannot be told."],
		"concurrency": [["--query.max-concurrency=-1"], "Its limits of queries cannot be told."],
		"words around it": [["--query.max-concurrency=1e3"], "Its limits of queries cannot be told."],
		"line and number": [["$(FLAGS)", "--query.max-samples=x"], "A part of the command line of Prometheus cannot be told."],
	}
	document := _runs(args, {"memory": "8Gi"})
	prometheus_query_limits_exceed_memory.unknown == {want} with input as document
	prometheus_query_limits_exceed_memory.fail == set() with input as document
	prometheus_query_limits_exceed_memory.unknown == set() with input as _runs(args, {})
}
