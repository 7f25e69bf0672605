package k8s.prometheus_retention_exceeds_volume_test

import data.k8s.prometheus_retention_exceeds_volume

_own(spec, size) := {
	"meta": {"kind": "Prometheus", "name": "k8s"},
	"spec": object.union(spec, {"storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": size}}}}}}),
	"containers": [],
}

_bare(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec, "containers": []}

_run(image, path) := {
	"meta": {"kind": "Deployment", "name": "web"},
	"spec": {},
	"pod": {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "x"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/template/spec/containers/0",
		"body": {
			"image": image,
			"args": ["--storage.tsdb.retention.size=9GB", sprintf("--storage.tsdb.path=%s", [path])],
			"volumeMounts": [{"name": "data", "mountPath": "/data"}],
		},
	}],
	"related": {"volume_claims": {"total": 1, "items": [{"volume": "data", "name": "x", "capacity": "10Gi"}]}},
}

_time := ["low", "are limited by time alone, whatever their volume holds"]

_large(size, volume) := ["high", sprintf("may take %s of a volume of %s", [size, volume])]

_file := "What stands in the file prometheus.yml is not known: it lies in the container itself."

_no_volume := "Its samples lie on no volume with a size of its own."

_untold := "How large the volume of its samples is cannot be told."

# findings, skip, unknown
_cases := {
	"just so": [_own({"retentionSize": "85GB"}, "100Gi"), [], [], []],
	"too large": [_own({"retentionSize": "86GB"}, "100Gi"), [_large("86GB", "100Gi")], [], []],
	"a byte too large": [_own({"retentionSize": "850GB1B"}, "1000Gi"), [_large("850GB1B", "1000Gi")], [], []],
	"decimal volume": [_own({"retentionSize": "85GB"}, "100G"), [_large("85GB", "100G")], [], []],
	"percentage": [_own({"retentionPercentage": 85}, "100Gi"), [], [], []],
	"large percentage": [_own({"retentionPercentage": 86}, "100Gi"), [["high", "may take 86 % of their volume"]], [], []],
	"percentage before size": [_own({"retentionPercentage": 80, "retentionSize": "1TB"}, "100Gi"), [], [], []],
	"time alone": [_own({"retention": "30d"}, "100Gi"), [_time], [], []],
	"time and size": [_own({"retention": "30d", "retentionSize": "50GB"}, "100Gi"), [], [], []],
	"defaults": [_own({}, "100Gi"), [_time], [], []],
	"emptyDir": [_bare({"retentionSize": "1TB"}), [], [_no_volume], []],
	"emptyDir, time alone": [_bare({"retention": "30d"}), [], [_no_volume], []],
	"emptyDir, and a percentage": [_bare({"retentionPercentage": 99}), [], [_no_volume], []],
	"no prometheus": [object.union(_bare({}), {"meta": {"kind": "Pod"}}), [], ["It runs no Prometheus."], []],
	"no size": [_own({"retentionSize": "1"}, "100Gi"), [], [], ["1 is no size."]],
	"no duration, large": [_own({"retention": "x", "retentionSize": "99GB"}, "100Gi"), [], [], ["x is no duration."]],
	"volume that was not read": [
		_bare({"retentionSize": "1GB", "storage": {"volumeClaimTemplate": {}}}),
		[], [], [_untold],
	],
	"path that cannot be told": [_run("prom/prometheus:v2.55.1", "$(X)"), [], [], ["Where it keeps its samples cannot be told."]],
	"flags": [_run("prom/prometheus:v2.55.1", "/data"), [_large("9GB", "10Gi")], [], []],
	"flags that may be overridden": [_run("prom/prometheus:v3.16.0", "/data"), [], [], [_file]],
	"flags, nowhere, that may be overridden": [_run("prom/prometheus:v3.16.0", "/tmp"), [], [], [_file]],
}

_who := {"Prometheus": "Prometheus k8s", "Deployment": "Container server", "Pod": ""}

test_fail[note] if {
	some note, [document, findings, _, _] in _cases
	found := {[finding.severity, finding.message] | some finding in prometheus_retention_exceeds_volume.fail} with input as document
	found == {[severity, sprintf("%s: its samples %s.", [_who[document.meta.kind], says])] | some [severity, says] in findings}
}

test_skip[note] if {
	some note, [document, _, skipped, _] in _cases
	prometheus_retention_exceeds_volume.skip == {one | some one in skipped} with input as document
}

test_unknown[note] if {
	some note, [document, _, _, untold] in _cases
	prometheus_retention_exceeds_volume.unknown == {one | some one in untold} with input as document
}

test_finding if {
	[finding] := [one | some one in prometheus_retention_exceeds_volume.fail] with input as _run("prom/prometheus:v2.55.1", "/data")
	finding.path == "/spec/template/spec/containers/0"
	finding.evidence == {"size": "9GB"}
}

test_percent if {
	prometheus_retention_exceeds_volume.fail == set() with input as _own({"retentionSize": "90GB"}, "100Gi")
		with data.parameters.prometheus_retention_exceeds_volume as {"percent": 90}
}

_in_file(section) := {
	"meta": {"kind": "Deployment", "name": "web"},
	"spec": {},
	"pod": {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "x"}}, {"name": "config", "configMap": {"name": "y"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/template/spec/containers/0",
		"body": {
			"image": "prom/prometheus:v3.16.0",
			"args": ["--config.file=/config/a.yml", "--storage.tsdb.path=/data", "--storage.tsdb.retention.size=1GB"],
			"volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "config", "mountPath": "/config"}],
		},
	}],
	"related": {
		"volume_claims": {"total": 1, "items": [{"volume": "data", "name": "x", "capacity": "10Gi"}]},
		"configuration_files": {"total": 1, "items": [{
			"container": "server",
			"volume": "config",
			"path": "/config/a.yml",
			"settings": {"storage": {"tsdb": {"retention": section}}},
		}]},
	},
}

test_limits_in_file[note] if {
	some note, [section, want] in {
		"small": [{"size": "8GB"}, set()],
		"large": [{"size": "9GB"}, {"Container server: its samples may take 9GB of a volume of 10Gi."}],
		"percentage": [{"percentage": 86, "size": "1GB"}, {"Container server: its samples may take 86 % of their volume."}],
		"time": [{"time": "1d"}, {"Container server: its samples are limited by time alone, whatever their volume holds."}],
		"nothing": [{}, {"Container server: its samples are limited by nothing, whatever their volume holds."}],
	}
	found := prometheus_retention_exceeds_volume.fail with input as _in_file(section)
	{one.message | some one in found} == want
}
