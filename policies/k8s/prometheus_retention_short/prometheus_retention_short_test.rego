package k8s.prometheus_retention_short_test

import data.k8s.prometheus_retention_short

_old(args) := {
	"meta": {"kind": "Deployment", "name": "web"},
	"spec": {},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/template/spec/containers/0",
		"body": {"image": "prom/prometheus:v2.55.1", "args": args},
	}],
}

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec, "containers": []}

_remote := {"remoteWrite": [{"url": "https://metrics.example.com"}]}

_there := "How long remoteWrite keeps the samples that it is sent is not known."

_less(who, time) := sprintf("%s keeps its samples for %s, less than 30d.", [who, time])

# messages, skip, unknown
_cases := {
	"default": [_old([]), [_less("Container server", "15d")], [], []],
	"short": [_old(["--storage.tsdb.retention.time=29d"]), [_less("Container server", "29d")], [], []],
	"long enough": [_old(["--storage.tsdb.retention.time=720h"]), [], [], []],
	"longer": [_old(["--storage.tsdb.retention.time=10y"]), [], [], []],
	"default of the operator": [_own({}), [_less("Prometheus k8s", "24h")], [], []],
	"long enough, of the operator": [_own({"retention": "30d"}), [], [], []],
	"size alone": [_own({"retentionSize": "40GB"}), [], [], ["How long it takes to collect 40GB is not known."]],
	"size and time": [_own({"retentionSize": "40GB", "retention": "1y"}), [], [], []],
	"sent elsewhere": [_own(_remote), [], [], [_there]],
	"sent elsewhere, long enough": [_own(object.union(_remote, {"retention": "30d"})), [], [], []],
	"none": [object.union(_own({}), {"meta": {"kind": "Deployment"}}), [], ["It runs no Prometheus."], []],
	"short, and no size": [_old(["--storage.tsdb.retention.time=1d", "--storage.tsdb.retention.size=1"]), [], [], ["1 is no size."]],
}

_messages(findings) := {finding.message | some finding in findings}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	_messages(prometheus_retention_short.fail) == {one | some one in messages} with input as document
	prometheus_retention_short.skip == {one | some one in skipped} with input as document
	prometheus_retention_short.unknown == {one | some one in untold} with input as document
}

test_finding if {
	prometheus_retention_short.fail == {{
		"path": "/spec/template/spec/containers/0",
		"message": "Container server keeps its samples for 15d, less than 30d.",
		"evidence": {"time": "15d"},
	}} with input as _old([])
}

test_patch if {
	[{"op": "add", "path": "/spec/retention", "value": "30d"}] == prometheus_retention_short.fail[_].patch with input as _own({"retention": "1d"})
}

_with(required, maximum, remote) := {"required": required, "maximum": maximum, "accept_remote": remote}

test_maximum[time] if {
	some time, number in {"30d": 0, "90d": 0, "91d": 1}
	found := prometheus_retention_short.fail with input as _own({"retention": time})
		with data.parameters.prometheus_retention_short as _with("30d", "90d", true)
	_messages(found) == {message | some _ in numbers.range(1, number); number > 0; message := "Prometheus k8s keeps its samples for 91d, more than 90d."}
	{one | some one in found; one.patch} == set()
}

test_maximum_untold if {
	prometheus_retention_short.fail == set() with input as _own({"retention": "91d", "retentionSize": "1"})
		with data.parameters.prometheus_retention_short as _with("30d", "90d", true)
}

test_remote_does_not_count if {
	document := _own(_remote)
	prometheus_retention_short.unknown == set() with input as document
		with data.parameters.prometheus_retention_short as _with("30d", "", false)
	count(prometheus_retention_short.fail) == 1 with input as document
		with data.parameters.prometheus_retention_short as _with("30d", "", false)
}

_in_file(settings) := {
	"meta": {"kind": "Deployment", "name": "web"},
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "y"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/template/spec/containers/0",
		"body": {
			"image": "prom/prometheus:v3.16.0",
			"volumeMounts": [{"name": "config", "mountPath": "/etc/prometheus"}],
		},
	}],
	"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "config",
		"path": "/etc/prometheus/prometheus.yml",
		"settings": settings,
	}]}},
}

_section(section) := {"storage": {"tsdb": {"retention": section}}}

_for_ever := "Container server keeps its samples for ever, more than 90d."

test_file[note] if {
	some note, [settings, maximum, messages, untold] in {
		"default": [{}, "", {_less("Container server", "15d")}, set()],
		"short": [_section({"time": "1d"}), "", {_less("Container server", "1d")}, set()],
		"for ever": [_section({}), "", set(), set()],
		"for ever, and no longer": [_section({}), "90d", {_for_ever}, set()],
		"size alone, and no longer": [_section({"size": "1GB"}), "90d", set(), {"How long it takes to collect 1GB is not known."}],
		"no percentage, and no longer": [_section({"percentage": "x"}), "90d", set(), {"A percentage in its configuration file is no number."}],
		"sent elsewhere": [{"remote_write": [{}]}, "", set(), {"How long remote_write keeps the samples that it is sent is not known."}],
	}
	found := prometheus_retention_short.fail with input as _in_file(settings)
		with data.parameters.prometheus_retention_short as _with("30d", maximum, true)
	_messages(found) == messages
	prometheus_retention_short.unknown == untold with input as _in_file(settings)
		with data.parameters.prometheus_retention_short as _with("30d", maximum, true)
}

test_size_alone_that_is_known_to_last if {
	answer := {"url": "http://a", "at": "2026-06-01T12:00:00Z", "told": {"retention": "40GiB", "oldest": "2026-05-02T12:00:00Z"}}
	document := object.union(_own({"retentionSize": "40GB"}), {"related": {"prometheus_runtime": [answer]}})
	prometheus_retention_short.unknown == set() with input as document
	count(prometheus_retention_short.unknown) == 1 with input as document
		with data.parameters.prometheus_retention_short as _with("31d", "", true)
}
