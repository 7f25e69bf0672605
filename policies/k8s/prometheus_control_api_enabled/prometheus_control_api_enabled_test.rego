package k8s.prometheus_control_api_enabled_test

import data.k8s.prometheus_control_api_enabled

_path := "/spec/template/spec/containers/0"

_runs(args) := {
	"meta": {"kind": "Deployment", "name": "metrics"},
	"spec": {},
	"containers": [{"name": "server", "role": "app", "path": _path, "body": {"image": "prom/prometheus:v3.16.0", "args": args}}],
}

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec}

_finding(path, who, severity, name, lets) := {
	"path": path,
	"key": name,
	"message": sprintf("%s: %s lets whoever reaches its port %s.", [who, name, lets]),
	"severity": severity,
	"evidence": {"set": name},
}

_flag(severity, name, lets) := _finding(_path, "Container server", severity, name, lets)

_field(severity, name, lets) := _finding("/spec", "Prometheus k8s", severity, name, lets)

_writes := "write samples into it"

_ends := "reload its configuration, or end it"

_cases := {
	"none": [_runs(["--config.file=/etc/prometheus.yml", "--no-web.enable-lifecycle"]), set()],
	"field of another kind": [object.union(_runs([]), {"spec": {"enableAdminAPI": true}}), set()],
	"admin": [_runs(["--web.enable-admin-api"]), {_flag("high", "--web.enable-admin-api", "delete its samples")}],
	"two": [
		_runs(["--web.enable-lifecycle", "--web.enable-remote-write-receiver"]),
		{_flag("medium", "--web.enable-lifecycle", _ends), _flag("medium", "--web.enable-remote-write-receiver", _writes)},
	],
	"OTLP": [_runs(["--web.enable-otlp-receiver"]), {_flag("medium", "--web.enable-otlp-receiver", _writes)}],
	"feature": [
		_runs(["--enable-feature=remote-write-receiver"]),
		{_flag("medium", "--enable-feature=remote-write-receiver", _writes)},
	],
	"operator": [_own({"retention": "30d", "enableAdminAPI": false}), set()],
	"admin of the operator": [_own({"enableAdminAPI": true}), {_field("high", "enableAdminAPI", "delete its samples")}],
	"others of the operator": [
		_own({"enableRemoteWriteReceiver": true, "enableOTLPReceiver": true, "paused": true}),
		{_field("medium", "enableRemoteWriteReceiver", _writes), _field("medium", "enableOTLPReceiver", _writes)},
	],
}

test_verdict[note] if {
	some note, [document, want] in _cases
	prometheus_control_api_enabled.fail == want with input as document
	prometheus_control_api_enabled.skip == set() with input as document
	prometheus_control_api_enabled.unknown == set() with input as document
}

test_absent if {
	prometheus_control_api_enabled.skip == {"It runs no Prometheus."} with input as {
		"meta": {"kind": "Deployment", "name": "web"},
		"spec": {},
		"containers": [],
	}
}

test_inside if {
	document := _runs(["--web.enable-lifecycle", "--web.listen-address=127.0.0.1:9090", "$(MORE)"])
	prometheus_control_api_enabled.skip == {"It listens for its own pod only."} with input as document
	prometheus_control_api_enabled.fail == set() with input as document
	prometheus_control_api_enabled.unknown == set() with input as document
}

test_unread if {
	document := _runs(["$(FLAGS)", "--web.enable-admin-api"])
	prometheus_control_api_enabled.unknown == {"A part of the command line of Prometheus cannot be told."} with input as document
	count(prometheus_control_api_enabled.fail) == 1 with input as document
}
