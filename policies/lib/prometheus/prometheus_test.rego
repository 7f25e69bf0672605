package lib.prometheus_test

import data.lib.prometheus

_path := "/spec/template/spec/containers/0"

_of(body, more) := object.union(
	{
		"meta": {"kind": "Deployment", "name": "web"},
		"spec": {},
		"pod": {"spec": {"volumes": [{"name": "data", "emptyDir": {}}, {"name": "disk", "persistentVolumeClaim": {}}]}},
		"containers": [{"name": "server", "role": "app", "path": _path, "body": body}],
	},
	more,
)

_old(args) := _of({"image": "prom/prometheus:v2.55.1", "args": args}, {})

_new(image) := _of({"image": image}, {})

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec}

_made := _of({"image": "prom/prometheus:v2.55.1"}, {"meta": {"controller": {
	"apiVersion": "monitoring.coreos.com/v1",
	"kind": "Prometheus",
	"name": "k8s",
}}})

_shell := _of({"image": "prom/prometheus:v2.55.1", "command": ["sh", "-c", "prometheus"]}, {})

_day := 86400000000000

test_absent[note] if {
	some note, [document, reason] in {
		"other program": [_new("nginx:1"), "It runs no Prometheus."],
		"made by the operator": [_made, "It is made from Prometheus k8s, which is judged instead."],
		"agent": [_old(["--agent"]), "It is an agent, which keeps no samples."],
		"older agent": [_old(["--enable-feature=agent"]), "It is an agent, which keeps no samples."],
	}
	prometheus.absent == reason with input as document
	not prometheus.limits with input as document
	not prometheus.volume with input as document
	prometheus.unread == set() with input as document
}

test_not_absent if {
	not prometheus.absent with input as _old([])
	not prometheus.absent with input as _own({})
}

test_an_object_that_something_made_is_judged if {
	not prometheus.absent with input as object.union(_own({}), {"meta": {"controller": _made.meta.controller}})
}

test_no_absent_agent_in_words if not prometheus.absent with input as _old(["--web.agent", "agent"])

# limits, time, size
_limits := {
	"default": [_old([]), {"time": "15d"}],
	"time": [_old(["--storage.tsdb.retention.time=30d"]), {"time": "30d"}],
	"older flag": [_old(["--storage.tsdb.retention=30d"]), {"time": "30d"}],
	"last of two": [_old(["--storage.tsdb.retention.time", "1d", "--storage.tsdb.retention.time=2d"]), {"time": "2d"}],
	"size": [_old(["--storage.tsdb.retention.size=40GB"]), {"size": "40GB"}],
	"both": [_old(["--storage.tsdb.retention.size=40GB", "--storage.tsdb.retention.time=1y"]), {"size": "40GB", "time": "1y"}],
	"zero": [_old(["--storage.tsdb.retention.size=0B", "--storage.tsdb.retention.time=0s"]), {"time": "15d"}],
	"of the operator": [_own({}), {"time": "24h"}],
	"time of the operator": [_own({"retention": "10d"}), {"time": "10d"}],
	"size of the operator": [_own({"retentionSize": "40GB"}), {"size": "40GB"}],
	"percentage of the operator": [_own({"retentionPercentage": 80, "retention": "1y"}), {"percentage": 80, "time": "1y"}],
}

test_limits[note] if {
	some note, [document, want] in _limits
	prometheus.limits == want with input as document
	prometheus.unread == set() with input as document
}

test_no_limits if not prometheus.limits with input as _shell

test_figures if {
	prometheus.time == 30 * _day with input as _own({"retention": "30d"})
	prometheus.size == 1024 with input as _own({"retentionSize": "1KB"})
	not prometheus.time with input as _own({"retentionSize": "1KB"})
	not prometheus.size with input as _own({})
}

_file := "Whether its configuration file limits samples too, and overrides the flags, is not known."

_part := "A part of the command line of Prometheus cannot be told."

_unread := {
	"shell": [_shell, {"The command line of Prometheus cannot be told."}],
	"variable": [_old(["$(FLAGS)"]), {_part}],
	"file of flags": [_old(["@/etc/flags"]), {_part}],
	"hidden": [_old([{"class": "named", "length": 9}]), {_part}],
	"variable in another flag": [_old(["--web.external-url=$(URL)", "--a=@b"]), set()],
	"no duration": [_old(["--storage.tsdb.retention.time=$(T)"]), {"$(T) is no duration."}],
	"no size": [_old(["--storage.tsdb.retention.size=40Gi"]), {"40Gi is no size."}],
	"zero of the operator": [_own({"retention": "0"}), {"Whether a retention of 0 is none, or the default, depends on the version."}],
	"last without a section": [_new("quay.io/prometheus/prometheus:3.7.3-debian@sha256:0"), set()],
	"old": [_new("quay.io/prometheus/prometheus:v2.9.0"), set()],
	"first with a section": [_new("quay.io/prometheus/prometheus:v3.8.0"), {_file}],
	"later": [_new("quay.io/prometheus/prometheus:v3.10.0"), {_file}],
	"much later": [_new("quay.io/prometheus/prometheus:v4.0.0"), {_file}],
	"version unknown": [_new("quay.io/prometheus/prometheus:latest"), {_file}],
	"digest alone": [_new("quay.io/prometheus/prometheus@sha256:2"), {_file}],
}

test_unread[note] if {
	some note, [document, want] in _unread
	prometheus.unread == want with input as document
}

test_words if {
	prometheus.who == "Container server" with input as _old([])
	prometheus.path == _path with input as _old([])
	prometheus.who == "Prometheus k8s" with input as _own({})
	prometheus.path == "/spec" with input as _own({})
}

_mounted(args, mounts) := _of({"image": "prom/prometheus:v3", "args": args, "volumeMounts": mounts}, {})

test_volume[note] if {
	some note, [document, kind] in {
		"none": [_old([]), "none"],
		"home of the image": [_mounted([], [{"name": "data", "mountPath": "/prometheus"}]), "emptyDir"],
		"below it": [_mounted([], [{"name": "disk", "mountPath": "/prometheus/data"}]), "persistentVolumeClaim"],
		"as the flag says": [_mounted(["--storage.tsdb.path=/x/y"], [{"name": "disk", "mountPath": "/x"}]), "persistentVolumeClaim"],
		"as the last flag says": [
			_mounted(["--storage.tsdb.path=/y", "--storage.tsdb.path=/x"], [{"name": "disk", "mountPath": "/x"}]),
			"persistentVolumeClaim",
		],
	}
	prometheus.volume.kind == kind with input as document
}

test_no_volume[note] if {
	some note, document in {
		"shell": _shell,
		"variable": _old(["--storage.tsdb.path=$(DIR)"]),
		"variable for flags": _old(["$(FLAGS)"]),
	}
	not prometheus.volume with input as document
}

_beside(image, args) := object.union(_old([]), {"containers": [{
	"name": "sidecar",
	"role": "app",
	"path": "/x",
	"body": {"image": image, "args": args},
}]})

test_elsewhere[note] if {
	some note, [document, want] in {
		"remote write": [_own({"remoteWrite": [{"url": "https://metrics.example.com"}]}), "remoteWrite"],
		"thanos": [_own({"thanos": {}}), "Thanos"],
		"both": [_own({"thanos": {}, "remoteWrite": [{"url": "https://metrics.example.com"}]}), "remoteWrite"],
		"sidecar": [_beside("thanos", ["sidecar"]), "Thanos"],
	}
	prometheus.elsewhere == want with input as document
}

test_not_elsewhere[note] if {
	some note, document in {
		"nothing": _own({}),
		"empty list": _own({"remoteWrite": []}),
		"no sidecar": _beside("thanos", ["query"]),
		"no thanos": _beside("nginx", ["sidecar"]),
	}
	not prometheus.elsewhere with input as document
}

_sized(spec, related) := object.union(_mounted([], [{"name": "disk", "mountPath": "/prometheus"}]), {"spec": spec, "related": related})

_items(items) := {"volume_claims": {"total": 0, "items": items}}

_disk(size) := {"volume": "disk", "name": "x", "capacity": size}

_request(size) := {"storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": size}}}}}}

test_capacity[note] if {
	some note, [document, want] in {
		"claim": [_sized({}, _items([_disk("50Gi")])), "50Gi"],
		"the smallest": [_sized({}, _items([_disk("50Gi"), _disk("9Gi"), {"volume": "disk", "name": "y"}, _disk("100Gi")])), "9Gi"],
		"another volume": [_sized({}, _items([{"volume": "other", "capacity": "1Gi"}, _disk("5Gi")])), "5Gi"],
		"of the operator": [_own(_request("20Gi")), "20Gi"],
		"emptyDir of the operator": [_own({"storage": {"emptyDir": {"sizeLimit": "1Gi"}}}), "1Gi"],
		"emptyDir": [
			object.union(
				_mounted([], [{"name": "data", "mountPath": "/prometheus"}]),
				{"pod": {"spec": {"volumes": [{"name": "data", "emptyDir": {"sizeLimit": "2Gi"}}]}}},
			),
			"2Gi",
		],
	}
	prometheus.capacity == want with input as document
	prometheus.bounded with input as document
	prometheus.volume_unread == set() with input as document
}

test_no_capacity[note] if {
	some note, [document, claimed] in {
		"claim that was not read": [_sized({}, _items([{"volume": "disk", "name": "x"}])), true],
		"claim of nobody": [_sized({}, {}), true],
		"template": [
			object.union(
				_mounted([], [{"name": "made", "mountPath": "/prometheus"}]),
				{"spec": {"volumeClaimTemplates": [{"metadata": {"name": "made"}}]}},
			),
			true,
		],
		"template of the operator": [_own({"storage": {"volumeClaimTemplate": {}}}), true],
		"emptyDir": [_mounted([], [{"name": "data", "mountPath": "/prometheus"}]), false],
		"of the operator": [_own({}), false],
	}
	not prometheus.capacity with input as document
	_claimed == claimed with input as document
	_bounded == claimed with input as document
}

default _claimed := false

_claimed if prometheus.claimed

default _bounded := false

_bounded if prometheus.bounded

_unsized := "How large the volume of its samples is cannot be told."

test_volume_unread[note] if {
	some note, [document, want] in {
		"not known": [_own({"retentionSize": "1GB", "storage": {"volumeClaimTemplate": {}}}), {_unsized}],
		"not asked for": [_own({"storage": {"volumeClaimTemplate": {}}}), set()],
		"no claim": [_own({"retentionSize": "1GB"}), set()],
		"variable": [_old(["--storage.tsdb.path=$(DIR)"]), {"Where it keeps its samples cannot be told."}],
		"none": [_new("nginx"), set()],
	}
	prometheus.volume_unread == want with input as document
}
