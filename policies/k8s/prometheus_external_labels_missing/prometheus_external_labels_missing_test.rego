package k8s.prometheus_external_labels_missing_test

import data.k8s.prometheus_external_labels_missing

_path := "/spec/template/spec/containers/0"

_runs(settings) := {
	"meta": {"kind": "Deployment", "name": "metrics"},
	"spec": {},
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "metrics"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": {"image": "prom/prometheus:v3.16.0", "volumeMounts": [{"name": "config", "mountPath": "/etc/prometheus"}]},
	}],
	"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "config",
		"path": "/etc/prometheus/prometheus.yml",
		"settings": settings,
	}]}},
}

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec}

_finding(path, who, label, labels) := {
	"path": path,
	"key": label,
	"message": sprintf("%s sets no external label %s.", [who, label]),
	"evidence": {"external_labels": labels},
}

_missing(label, labels) := _finding(_path, "Container server", label, labels)

_labelled(labels) := _runs({"global": {"external_labels": labels}})

_both := {"cluster": "north-1", "environment": 5}

_empty := {"cluster": "north-1", "environment": ""}

_cases := {
	"both": [_labelled(_both), set()],
	"one": [_labelled({"cluster": "a"}), {_missing("environment", {"cluster": "a"})}],
	"empty": [_labelled(_empty), {_missing("environment", _empty)}],
	"none": [_runs({}), {_missing("cluster", {}), _missing("environment", {})}],
	"of the operator": [_own({"externalLabels": _both}), set()],
	"none of the operator": [_own({}), {
		_finding("/spec", "Prometheus k8s", "cluster", {}),
		_finding("/spec", "Prometheus k8s", "environment", {}),
	}],
}

test_verdict[note] if {
	some note, [document, want] in _cases
	prometheus_external_labels_missing.fail == want with input as document
	prometheus_external_labels_missing.skip == set() with input as document
	prometheus_external_labels_missing.unknown == set() with input as document
}

test_absent if {
	document := object.union(_runs({}), {"containers": []})
	[prometheus_external_labels_missing.skip, prometheus_external_labels_missing.fail] == [{"It runs no Prometheus."}, set()] with input as document
}

test_untold if {
	document := object.remove(_runs({}), ["related"])
	prometheus_external_labels_missing.fail == set() with input as document
	prometheus_external_labels_missing.unknown == {"What stands in the file /etc/prometheus/prometheus.yml is not known: it lies on volume config, of the kind configMap."} with input as document
}
