package k8s.hpa_scales_database_test

import data.k8s.hpa_scales_database

_scaled(image, autoscalers) := {
	"meta": {"kind": "StatefulSet", "namespace": "shop", "name": "metrics"},
	"containers": [{"name": "server", "role": "app", "path": "/x", "body": {"image": image}}],
	"related": {"replicas": {"autoscalers": {"total": count(autoscalers), "items": autoscalers}}},
}

_autoscaler := {"name": "web", "min": 2, "max": 5}

_fixed := {"name": "fixed", "min": 2, "max": 2}

_finding(name, autoscalers) := {
	"path": "/spec/replicas",
	"key": "autoscaler",
	"message": sprintf("HorizontalPodAutoscaler %s multiplies %s, of which each replica has data of its own.", [autoscalers[0].name, name]),
	"evidence": {"container": "server", "autoscalers": autoscalers},
	"related": [{"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": one.name} | some one in autoscalers],
}

_no_program := "It is none of the programs that are told by the parameter."

# findings, skip
_cases := {
	"Prometheus": ["prom/prometheus:v3", [_autoscaler], {_finding("prometheus", [_autoscaler])}, set()],
	"PostgreSQL": ["postgres:18", [_autoscaler], {_finding("postgres", [_autoscaler])}, set()],
	"two": ["postgres:18", [_fixed, _autoscaler], {_finding("postgres", [_fixed, _autoscaler])}, set()],
	"nothing to scale": ["postgres:18", [_fixed], set(), set()],
	"another program": ["nginx:1", [_autoscaler], set(), {_no_program}],
	"no autoscaler": ["postgres:18", [], set(), {"No autoscaler scales it."}],
	"neither": ["nginx:1", [], set(), {_no_program}],
}

test_verdict[note] if {
	some note, [image, autoscalers, want, skipped] in _cases
	[hpa_scales_database.fail, hpa_scales_database.skip] == [want, skipped] with input as _scaled(image, autoscalers)
}
