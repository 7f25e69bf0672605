package k8s.prometheus_retention_file_bug_test

import data.k8s.prometheus_retention_file_bug

_path := "/spec/template/spec/containers/0"

_of(image, settings) := {
	"meta": {"kind": "Deployment", "name": "web"},
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "prometheus"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": {"image": image, "volumeMounts": [{"name": "config", "mountPath": "/etc/prometheus"}]},
	}],
	"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "config",
		"path": "/etc/prometheus/prometheus.yml",
		"source": "prometheus.yml of ConfigMap prometheus",
		"settings": settings,
	}]}},
}

_section := {"storage": {"tsdb": {"retention": {"time": "30d"}}}}

_unknown_version := "Whether the limits in its configuration file count depends on its version, which its image does not tell."

_unknown_file := "What stands in the file /etc/prometheus/prometheus.yml is not known: it lies on volume config, of the kind configMap."

# findings, skip, unknown
_cases := {
	"before": [_of("prom/prometheus:v3.7.9", _section), 0, set(), set()],
	"first": [_of("prom/prometheus:v3.8.0", _section), 1, set(), set()],
	"last": [_of("prom/prometheus:v3.10.1", _section), 1, set(), set()],
	"after": [_of("prom/prometheus:v3.11.0", _section), 0, set(), set()],
	"no section": [_of("prom/prometheus:v3.9.0", {}), 0, set(), set()],
	"empty section": [_of("prom/prometheus:v3.9.0", {"storage": {"tsdb": {"retention": {}}}}), 1, set(), set()],
	"version unknown": [_of("prom/prometheus", _section), 0, set(), {_unknown_version}],
	"version unknown, no section": [_of("prom/prometheus", {}), 0, set(), set()],
	"file unknown": [object.remove(_of("prom/prometheus:v3.9.0", {}), ["related"]), 0, set(), {_unknown_file}],
	"file unknown, before": [object.remove(_of("prom/prometheus:v3.7.0", {}), ["related"]), 0, set(), set()],
	"file unknown, after": [object.remove(_of("prom/prometheus:v3.11.0", {}), ["related"]), 0, set(), set()],
	"both unknown": [object.remove(_of("prom/prometheus", {}), ["related"]), 0, set(), {_unknown_file}],
	"another program": [_of("nginx:3.9", _section), 0, {"It runs no Prometheus."}, set()],
}

test_verdict[note] if {
	some note, [document, number, skipped, untold] in _cases
	found := prometheus_retention_file_bug.fail with input as document
	count(found) == number
	prometheus_retention_file_bug.skip == skipped with input as document
	prometheus_retention_file_bug.unknown == untold with input as document
}

test_finding if {
	prometheus_retention_file_bug.fail == {{
		"path": "/spec/template/spec/containers/0/image",
		"message": "Container server is of version 3.9, which misreads the limits in its configuration file.",
		"evidence": {"retention": {"time": "30d"}},
	}} with input as _of("prom/prometheus:v3.9.1", _section)
}
