package k8s.probes_identical_test

import data.k8s.probes_identical
import data.lib.example.document

_always := {"restartPolicy": "Always"}

_http(path, port) := {"httpGet": {"path": path, "port": port}}

_ports := [{"name": "http", "containerPort": 8080}, {"name": "admin", "containerPort": 9090}, {"containerPort": 1}]

# liveness, readiness, whether they ask the same
_pairs := {
	"same request": [_http("/healthz", 8080), _http("/healthz", 8080), true],
	"other path": [_http("/healthz", 8080), _http("/ready", 8080), false],
	"other port": [_http("/healthz", 8080), _http("/healthz", 9090), false],
	"thresholds do not count": [
		object.union(_http("/healthz", 8080), {"failureThreshold": 3, "periodSeconds": 10}),
		object.union(_http("/healthz", 8080), {"failureThreshold": 9, "periodSeconds": 30}),
		true,
	],
	"names of ports": [_http("/healthz", "http"), _http("/healthz", 8080), true],
	"two names": [_http("/healthz", "http"), _http("/healthz", "admin"), false],
	"unknown name": [_http("/healthz", "web"), _http("/healthz", "web"), true],
	"default path": [{"httpGet": {"port": 8080}}, _http("/", 8080), true],
	"default scheme": [{"httpGet": {"port": 8080, "scheme": "HTTP"}}, {"httpGet": {"port": 8080}}, true],
	"other scheme": [{"httpGet": {"port": 8080, "scheme": "HTTPS"}}, {"httpGet": {"port": 8080}}, false],
	"other headers": [
		{"httpGet": {"port": 8080, "httpHeaders": [{"name": "A", "value": "b"}]}},
		{"httpGet": {"port": 8080}},
		false,
	],
	"same command": [{"exec": {"command": ["up"]}}, {"exec": {"command": ["up"]}}, true],
	"other command": [{"exec": {"command": ["up", "-q"]}}, {"exec": {"command": ["up"]}}, false],
	"same socket": [{"tcpSocket": {"port": "http"}}, {"tcpSocket": {"port": 8080}}, true],
	"other socket": [{"tcpSocket": {"port": "http"}}, {"tcpSocket": {"port": 9090}}, false],
	"other kind of probe": [{"tcpSocket": {"port": 8080}}, {"grpc": {"port": 8080}}, false],
	"same service": [{"grpc": {"port": 8080, "service": "a"}}, {"grpc": {"port": 8080, "service": "a"}}, true],
	"other service": [{"grpc": {"port": 8080, "service": "a"}}, {"grpc": {"port": 8080}}, false],
}

test_pair[note] if {
	some note, [liveness, readiness, want] in _pairs
	body := {"livenessProbe": liveness, "readinessProbe": readiness, "ports": _ports}
	found := probes_identical.fail with input as document({"spec": _always, "bodies": [body]})
	count(found) == 1 == want
}

test_finding if {
	probe := {"exec": {"command": ["up"]}, "periodSeconds": 5}
	probes_identical.fail == {{
		"path": "/spec/template/spec/containers/1/livenessProbe",
		"message": "Liveness and readiness probe of container b ask the same.",
		"evidence": {"container": "b", "role": "sidecar", "probe": {"command": ["up"]}},
	}} with input as document({"spec": _always, "bodies": [{}, {"livenessProbe": probe, "readinessProbe": probe}]})
}

test_one_probe[kind] if {
	some kind in ["livenessProbe", "readinessProbe", "startupProbe"]
	case := {"spec": _always, "bodies": [{kind: _http("/", 80)}]}
	[probes_identical.fail, probes_identical.skip] == [set(), set()] with input as document(case)
}

test_pod_that_ends if {
	probe := _http("/", 80)
	case := {"spec": {"restartPolicy": "Never"}, "bodies": [{"livenessProbe": probe, "readinessProbe": probe}]}
	[probes_identical.fail, probes_identical.skip] == [
		set(),
		{"Its containers are not restarted when they have done their work."},
	] with input as document(case)
}
