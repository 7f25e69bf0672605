package k8s.rule_range_exceeds_retention_test

import data.k8s.rule_range_exceeds_retention

_path := "/spec/template/spec/containers/0"

_back(seconds) := {
	"container": "server",
	"path": "/etc/prometheus/rules/a.yml",
	"source": "a.yml of ConfigMap rules",
	"settings": {"looks_back": {"seconds": seconds, "rule": "slo:left:ratio30d"}},
}

_of(args, items, total) := {
	"meta": {"kind": "Deployment", "name": "metrics"},
	"spec": {},
	"pod": {"spec": {}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": {"image": "prom/prometheus:v3.7.0", "args": args},
	}],
	"related": {"configuration_files": {"total": total, "items": items}},
}

_kept(time, items) := _of([sprintf("--storage.tsdb.retention.time=%s", [time])], items, count(items))

_month := 30 * 86400

_finding(time, seconds, days) := {
	"path": _path,
	"key": "/etc/prometheus/rules/a.yml",
	"message": sprintf("Container server keeps its samples for %s, and rule slo:left:ratio30d looks back %v days.", [time, days]),
	"evidence": {
		"file": "a.yml of ConfigMap rules",
		"retention": time,
		"seconds": seconds,
		"rule": "slo:left:ratio30d",
	},
}

_none := "None of its rules in ConfigMaps looks back."

# findings, skip
_cases := {
	"longer": [_kept("15d", [_back(_month)]), {_finding("15d", _month, 30)}, set()],
	"a little longer": [_kept("30d", [_back(_month + 1)]), {_finding("30d", _month + 1, 30)}, set()],
	"just so": [_kept("30d", [_back(_month)]), set(), set()],
	"by a millisecond": [
		_kept("29d23h59m59s999ms", [_back(_month)]),
		{_finding("29d23h59m59s999ms", _month, 30)},
		set(),
	],
	"rounded up": [_kept("1h", [_back(90720)]), {_finding("1h", 90720, 1.1)}, set()],
	"rounded down": [_kept("1h", [_back(90719)]), {_finding("1h", 90719, 1)}, set()],
	"rounded": [_kept("1h", [_back(95000)]), {_finding("1h", 95000, 1.1)}, set()],
	"of another container": [_kept("15d", [object.union(_back(_month), {"container": "x"})]), set(), {_none}],
	"none": [_kept("15d", [object.union(object.remove(_back(1), ["settings"]), {"settings": {}})]), set(), {_none}],
	"another program": [object.union(_kept("15d", []), {"containers": []}), set(), {"It runs no Prometheus."}],
	"by size": [_of(["--storage.tsdb.retention.size=9GB"], [_back(_month)], 1), set(), set()],
}

test_verdict[note] if {
	some note, [document, want, skipped] in _cases
	rule_range_exceeds_retention.fail == want with input as document
	rule_range_exceeds_retention.skip == skipped with input as document
	rule_range_exceeds_retention.unknown == set() with input as document
}

test_unknown if {
	document := _of(["--storage.tsdb.retention.time=x"], [_back(_month)], 1)
	rule_range_exceeds_retention.unknown == {"x is no duration."} with input as document
	[rule_range_exceeds_retention.fail, rule_range_exceeds_retention.skip] == [set(), set()] with input as document
}

test_more_files if {
	document := _of(["--storage.tsdb.retention.time=15d"], [_back(_month)], 21)
	rule_range_exceeds_retention.unknown == {"It mounts more files than are looked at."} with input as document
	rule_range_exceeds_retention.fail == set() with input as document
	faulty := object.union(object.remove(_back(1), ["settings"]), {"fault": "x"})
	rule_range_exceeds_retention.unknown == {"It mounts more files than are looked at."} with input as _of(["--storage.tsdb.retention.time=15d"], [faulty], 21)
	rule_range_exceeds_retention.skip == set() with input as _of(["--storage.tsdb.retention.time=15d"], [faulty], 21)
	empty := object.union(object.remove(_back(1), ["settings"]), {"settings": {}})
	rule_range_exceeds_retention.unknown == set() with input as _of(["--storage.tsdb.retention.time=15d"], [_back(1), empty], 21)
	rule_range_exceeds_retention.unknown == set() with input as object.union(document, {"containers": []})
}
