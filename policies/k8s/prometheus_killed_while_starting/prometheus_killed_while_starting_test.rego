package k8s.prometheus_killed_while_starting_test

import data.k8s.prometheus_killed_while_starting

_path := "/spec/template/spec/containers/0"

_runs(probes) := {
	"meta": {"kind": "Deployment", "name": "metrics"},
	"spec": {},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": object.union({"image": "prom/prometheus:v3.16.0"}, probes),
	}],
}

_ready(settings) := object.union({"httpGet": {"path": "/-/ready"}}, settings)

_healthy := {"httpGet": {"path": "/-/healthy"}}

_alive := {
	"path": sprintf("%s/livenessProbe", [_path]),
	"message": "Container server: its liveness probe asks /-/ready, and no startup probe comes before it.",
	"evidence": {"asks": "/-/ready"},
}

_early(seconds) := {
	"path": sprintf("%s/startupProbe", [_path]),
	"message": sprintf("Container server: its startup probe gives up after %d s.", [seconds]),
	"evidence": {"asks": "/-/ready", "seconds": seconds},
}

_cases := {
	"no probes": [{}, set()],
	"alive when ready": [{"livenessProbe": _ready({})}, {_alive}],
	"below a path": [{"livenessProbe": {"httpGet": {"path": "/metrics/-/ready"}}}, {_alive}],
	"alive when healthy": [{"livenessProbe": _healthy, "readinessProbe": _ready({})}, set()],
	"alive when ready, later": [{"livenessProbe": _ready({}), "startupProbe": _healthy}, set()],
	"long enough": [{"startupProbe": _ready({"periodSeconds": 15, "failureThreshold": 20})}, set()],
	"almost": [{"startupProbe": _ready({"periodSeconds": 13, "failureThreshold": 23})}, {_early(299)}],
	"defaults": [{"startupProbe": _ready({})}, {_early(30)}],
	"a late begin": [{"startupProbe": _ready({"initialDelaySeconds": 60})}, {_early(90)}],
	"the port is asked": [{"startupProbe": {"tcpSocket": {"port": 9090}}}, set()],
}

test_verdict[note] if {
	some note, [probes, want] in _cases
	[prometheus_killed_while_starting.fail, prometheus_killed_while_starting.skip] == [want, set()] with input as _runs(probes)
}

test_absent if {
	document := object.union(_runs({}), {"containers": []})
	prometheus_killed_while_starting.skip == {"It runs no Prometheus."} with input as document
}
