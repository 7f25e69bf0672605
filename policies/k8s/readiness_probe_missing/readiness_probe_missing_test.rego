package k8s.readiness_probe_missing_test

import data.k8s.readiness_probe_missing
import data.lib.example

_web := {"name": "web", "type": "ClusterIP", "ports": [80]}

_peers := {"name": "peers", "type": "ClusterIP", "ports": [80], "publishNotReadyAddresses": true}

_document(case) := object.union(example.document(case), {
	"pod": {"spec": {"restartPolicy": object.get(case, "restart", "Always")}},
	"related": {"services": object.get(case, "services", [_web])},
})

_parameters := {"only_service_backed": true, "one_per_pod": false}

_port := {"ports": [{"containerPort": 8080}]}

_probe := {"readinessProbe": {"tcpSocket": {"port": 8080}}}

_startup := {"startupProbe": {"tcpSocket": {"port": 8080}}}

_nobody := {"No Service waits for its pods to be ready."}

# containers a (app), b (sidecar), c (ephemeral)
_cases := {
	"all": [{"bodies": [_probe, object.union(_port, _probe)]}, set(), set()],
	"none": [{"bodies": [{}, _port, _port]}, {"a", "b"}, set()],
	"startup probe": [{"bodies": [_startup]}, {"a"}, set()],
	"no port, and another has one": [{"bodies": [_probe, {}]}, set(), set()],
	"empty list of ports, and another has one": [{"bodies": [_probe, {"ports": []}]}, set(), set()],
	"port, and another has one": [{"bodies": [_probe, _port]}, {"b"}, set()],
	"one is enough": [{"bodies": [_probe, _port], "parameters": {"one_per_pod": true}}, set(), set()],
	"one would be enough": [{"bodies": [_port, _port], "parameters": {"one_per_pod": true}}, {"a", "b"}, set()],
	"no service": [{"bodies": [{}], "services": []}, set(), _nobody],
	"service that does not wait": [{"bodies": [{}], "services": [_peers]}, set(), _nobody],
	"service that waits": [{"bodies": [{}], "services": [_peers, _web]}, {"a"}, set()],
	"without a service": [
		{"bodies": [{}], "services": [], "parameters": {"only_service_backed": false}},
		{"a"},
		set(),
	],
	"runs to its end": [{"bodies": [{}], "restart": "OnFailure"}, set(), {"It runs to its end."}],
}

_verdict := [
	{finding.evidence.container | some finding in readiness_probe_missing.fail},
	readiness_probe_missing.skip,
]

test_verdict[note] if {
	some note, [case, want, skips] in _cases
	verdict := _verdict with input as _document(case)
		with data.parameters.readiness_probe_missing as object.union(_parameters, object.get(case, "parameters", {}))
	verdict == [want, skips]
}

test_finding if {
	readiness_probe_missing.fail == {{
		"path": "/spec/template/spec/containers/0/readinessProbe",
		"message": "Container a has no readiness probe: it counts as ready as soon as it runs.",
		"evidence": {"container": "a", "role": "app", "services": ["web"]},
	}} with input as _document({"bodies": [{}], "services": [_peers, _web]})
		with data.parameters.readiness_probe_missing as _parameters
}
