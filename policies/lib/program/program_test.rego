package lib.program_test

import data.lib.program

_bodies := {
	"image": [{"image": "quay.io/prometheus/prometheus:v3.5.0"}, true],
	"image alone": [{"image": "prometheus"}, true],
	"digest": [{"image": "registry.example.com:5000/prometheus@sha256:0"}, true],
	"tag and digest": [{"image": "prom/prometheus:v3@sha256:0"}, true],
	"image that starts it with args": [{"image": "prom/prometheus:v3", "args": ["--x"]}, true],
	"command": [{"image": "example.com/metrics:1", "command": ["/bin/prometheus", "--x"]}, true],
	"command by its name": [{"image": "example.com/metrics:1", "command": ["tini", "prometheus"]}, true],
	"command in the root": [{"image": "example.com/metrics:1", "command": ["/prometheus"]}, true],
	"shell": [{"image": "prom/prometheus:v3", "command": ["/bin/sh", "-c", "x"]}, true],
	"plain shell": [{"image": "prom/prometheus:v3", "command": ["bash"]}, true],
	"other shells": [{"image": "prom/prometheus:v3", "command": ["/bin/ash"]}, true],
	"small shell": [{"image": "prom/prometheus:v3", "command": ["dash"]}, true],
	"another program of the image": [{"image": "prom/prometheus:v3", "command": ["promtool"]}, false],
	"no shell": [{"image": "prom/prometheus:v3", "command": ["fish"]}, false],
	"hidden command": [{"image": "prom/prometheus:v3", "command": [{"class": "named", "length": 9}]}, false],
	"hidden image": [{"image": {"class": "named", "length": 9}}, false],
	"operator": [{"image": "quay.io/prometheus-operator/prometheus-operator:v0.93.0"}, false],
	"reloader": [{"image": "quay.io/prometheus-operator/prometheus-config-reloader:v0.93.0"}, false],
	"exporter": [{"image": "prom/node-exporter:v1", "args": ["prometheus"]}, false],
	"folder": [{"image": "quay.io/prometheus/alertmanager:v0.34.2"}, false],
	"end of a name": [{"image": "myprometheus:v3"}, false],
	"flag": [{"image": "example.com/metrics:1", "command": ["x", "--of=/bin/prometheus", "-/prometheus"]}, false],
	"longer command": [{"image": "example.com/metrics:1", "command": ["prometheus-adapter", "/x/myprometheus"]}, false],
}

test_runs[note] if {
	some note, [body, want] in _bodies
	found := program.containers("prometheus") with input as {"containers": [{"role": "app", "body": body}]}
	count(found) == 1 == want
}

test_roles[role] if {
	some role, number in {"app": 1, "sidecar": 1, "init": 0, "ephemeral": 0}
	found := program.containers("thanos") with input as {"containers": [{"role": role, "body": {"image": "thanos"}}]}
	count(found) == number
}

_owner(group, kind) := {"meta": {"controller": {"apiVersion": sprintf("%s/v1", [group]), "kind": kind, "name": "k8s"}}}

test_made_from if {
	program.made_from == "It is made from Prometheus k8s, which is judged instead." with input as _owner("monitoring.coreos.com", "Prometheus")
}

test_made_from_others[kind] if {
	some group, kind in {"apps": "ReplicaSet", "example.com": "Prometheus", "monitoring.coreos.com": "PrometheusAgent"}
	not program.made_from with input as _owner(group, kind)
}
