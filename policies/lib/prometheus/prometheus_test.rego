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
		"agent by its command": [_of({"image": "x", "command": ["prometheus", "--agent"]}, {}), "It is an agent, which keeps no samples."],
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

_file := "What stands in the file /etc/prometheus/prometheus.yml is not known: it lies in the container itself."

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

_commanded(command) := object.union(_old([]), {"containers": [{
	"name": "sidecar",
	"role": "app",
	"path": "/x",
	"body": {"image": "x", "command": command},
}]})

test_elsewhere[note] if {
	some note, [document, want] in {
		"remote write": [_own({"remoteWrite": [{"url": "https://metrics.example.com"}]}), "remoteWrite"],
		"thanos": [_own({"thanos": {"objectStorageConfig": {}}}), "Thanos"],
		"thanos with a file": [_own({"thanos": {"objectStorageConfigFile": "/x"}}), "Thanos"],
		"both": [_own({"thanos": {"objectStorageConfig": {}}, "remoteWrite": [{"url": "https://metrics.example.com"}]}), "remoteWrite"],
		"sidecar": [_beside("thanos", ["sidecar", "--objstore.config=x"]), "Thanos"],
		"sidecar with a file": [_beside("thanos", ["sidecar", "--objstore.config-file", "/x"]), "Thanos"],
		"sidecar by its command": [_commanded(["thanos", "sidecar", "--objstore.config=x"]), "Thanos"],
		"sidecar with flags elsewhere": [_beside("thanos", ["sidecar", "$(FLAGS)"]), "Thanos"],
		"sidecar with flags in a file": [_beside("thanos", ["sidecar", "@/etc/flags"]), "Thanos"],
		"sidecar with hidden flags": [_beside("thanos", ["sidecar", {"class": "named", "length": 9}]), "Thanos"],
	}
	prometheus.elsewhere == want with input as document
}

test_not_elsewhere[note] if {
	some note, document in {
		"nothing": _own({}),
		"empty list": _own({"remoteWrite": []}),
		"sidecar that sends nothing": _beside("thanos", ["sidecar", "--tsdb.path=/x", "--x=--objstore.config"]),
		"thanos of the operator that sends nothing": _own({"thanos": {"version": "v0.41.0"}}),
		"no sidecar": _beside("thanos", ["query", "--objstore.config=x"]),
		"no thanos": _beside("nginx", ["sidecar", "--objstore.config=x"]),
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
		"known": [_own(object.union({"retentionSize": "1GB"}, _request("20Gi"))), set()],
		"not asked for": [_own({"storage": {"volumeClaimTemplate": {}}}), set()],
		"no claim": [_own({"retentionSize": "1GB"}), set()],
		"variable": [_old(["--storage.tsdb.path=$(DIR)"]), {"Where it keeps its samples cannot be told."}],
		"none": [_new("nginx"), set()],
	}
	prometheus.volume_unread == want with input as document
}

_configured(image, args, settings) := _of({"image": image, "args": args, "volumeMounts": [{"name": "config", "mountPath": "/etc/prometheus"}]}, {
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "metrics"}}]}},
	"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "config",
		"path": "/etc/prometheus/prometheus.yml",
		"source": "prometheus.yml of ConfigMap metrics",
		"settings": settings,
	}]}},
})

_kept(section) := {"storage": {"tsdb": {"retention": section}}}

_new_image := "quay.io/prometheus/prometheus:v3.16.0"

_flags_too := ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=90d", "--storage.tsdb.retention.size=9GB"]

test_limits_in_file[note] if {
	some note, [image, args, settings, want] in {
		"no section": [_new_image, _flags_too, {}, {"time": "90d", "size": "9GB"}],
		"no section, no flags": [_new_image, [], {}, {"time": "15d"}],
		"section": [_new_image, _flags_too, _kept({"time": "30d"}), {"time": "30d"}],
		"section without flags": [_new_image, [], _kept({"time": "30d", "size": "5GB"}), {"time": "30d", "size": "5GB"}],
		"first that reads it right": ["prometheus:v3.11.0", _flags_too, _kept({"size": "5GB"}), {"size": "5GB"}],
		"empty section": [_new_image, _flags_too, _kept({}), {}],
		"zeros": [_new_image, _flags_too, _kept({"time": 0, "size": "0B", "percentage": 0}), {}],
		"empty texts": [_new_image, _flags_too, _kept({"time": "", "size": ""}), {}],
		"percentage": [_new_image, _flags_too, _kept({"percentage": 80, "size": "5GB", "time": "1y"}), {"percentage": 80, "size": "5GB", "time": "1y"}],
		"before there was one": ["prometheus:v3.7.3", _flags_too, _kept({"time": "30d"}), {"time": "90d", "size": "9GB"}],
	}
	document := _configured(image, args, settings)
	prometheus.limits == want with input as document
	prometheus.unread == set() with input as document
	for_ever := want == {}
	_unlimited == for_ever with input as document
}

default _unlimited := false

_unlimited if prometheus.unlimited

test_relative_file if {
	document := _configured(_new_image, ["--config.file", "../etc/prometheus/prometheus.yml"], _kept({"time": "1d"}))
	prometheus.limits == {"time": "1d"} with input as document
}

test_file_in_the_home_of_the_image if {
	document := _of(
		{"image": _new_image, "args": ["--config.file=a.yml"], "volumeMounts": [{"name": "data", "mountPath": "/prometheus"}]},
		{},
	)
	prometheus.unread == {"What stands in the file a.yml is not known: it lies on volume data, of the kind emptyDir."} with input as document
	prometheus.limits == {"time": "1d"} with input as object.union(document, {"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "data",
		"path": "/prometheus/a.yml",
		"settings": _kept({"time": "1d"}),
	}]}}})
}

test_no_limit_of_a_percentage_that_is_none if {
	prometheus.limits == {"time": "1d"} with input as _configured(_new_image, [], _kept({"time": "1d", "percentage": "x"}))
}

_misread := "This version misreads the limits in its configuration file."

_no_version := "Whether the limits in its configuration file count depends on its version, which its image does not tell."

_elsewhere_file(path) := sprintf("What stands in the file %s is not known: it lies in the container itself.", [path])

test_unread_in_file[note] if {
	some note, [document, want] in {
		"misread": [_configured("prometheus:v3.8.0", [], _kept({})), {_misread}],
		"last that misreads it": [_configured("prometheus:v3.10.9", [], _kept({"time": "1d"})), {_misread}],
		"nothing to misread": [_configured("prometheus:v3.9.0", [], {}), set()],
		"no version": [_configured("prometheus", [], _kept({})), {_no_version}],
		"no version, and no section": [_configured("prometheus", [], {}), set()],
		"another file": [
			_configured(_new_image, ["--config.file=/etc/p.yml"], {}),
			{_elsewhere_file("/etc/p.yml")},
		],
		"the file of the program, not of the image": [
			_configured(_new_image, ["--web.enable-lifecycle"], {}),
			{_elsewhere_file("prometheus.yml")},
		],
		"the same with a command": [
			object.union(_configured(_new_image, [], {}), {"containers": [{
				"name": "server",
				"role": "app",
				"path": _path,
				"body": {"image": _new_image, "command": ["prometheus"]},
			}]}),
			{_elsewhere_file("prometheus.yml")},
		],
		"hidden": [_configured(_new_image, ["--config.file=$(FILE)"], {}), {"Which configuration file Prometheus reads cannot be told."}],
		"no percentage": [_configured(_new_image, [], _kept({"percentage": "x"})), {"A percentage in its configuration file is no number."}],
		"no duration": [_configured(_new_image, [], _kept({"time": "1d1d"})), {"1d1d is no duration."}],
		"agent": [_configured("prometheus", ["--agent"], _kept({})), set()],
		"agent of another version": [_configured("prometheus:v3.9.0", ["--agent"], _kept({})), set()],
		"agent with a file": [_configured("prometheus", ["--agent", "--config.file=/x"], {}), set()],
	}
	prometheus.unread == want with input as document
}

test_misread[note] if {
	some note, [image, args, settings, want] in {
		"before": ["prometheus:v3.7.9", [], _kept({"time": "1d"}), false],
		"first": ["prometheus:v3.8.0", [], _kept({"time": "1d"}), true],
		"last": ["prometheus:v3.10.2", [], _kept({"time": "1d"}), true],
		"after": ["prometheus:v3.11.0", [], _kept({"time": "1d"}), false],
		"no section": ["prometheus:v3.9.0", [], {}, false],
		"agent": ["prometheus:v3.9.0", ["--agent"], _kept({"time": "1d"}), false],
	}
	document := _configured(image, args, settings)
	_is_misread == want with input as document
	prometheus.misread_unread == set() with input as document
}

default _is_misread := false

_is_misread if prometheus.misread

test_misread_unread[note] if {
	some note, [image, args, settings, want] in {
		"file": ["prometheus:v3.9.0", ["--config.file=/x"], {}, {_elsewhere_file("/x")}],
		"file, and version": ["prometheus", ["--config.file=/x"], {}, {_elsewhere_file("/x")}],
		"version": ["prometheus", [], _kept({}), {_no_version}],
		"file, later": ["prometheus:v3.11.0", ["--config.file=/x"], {}, set()],
		"file, earlier": ["prometheus:v3.7.0", ["--config.file=/x"], {}, set()],
	}
	prometheus.misread_unread == want with input as _configured(image, args, settings)
}

test_elsewhere_by_file if {
	prometheus.elsewhere == "remote_write" with input as _configured(_new_image, [], {"remote_write": [{}]})
	not prometheus.elsewhere with input as _configured(_new_image, [], {"remote_write": []})
	not prometheus.elsewhere with input as _configured(_new_image, [], {})
}

test_longer[note] if {
	some note, [document, text, want] in {
		"longer": [_own({"retention": "31d"}), "30d", true],
		"just so": [_own({"retention": "30d"}), "30d", false],
		"no time asked for": [_own({"retention": "30d"}), "", false],
		"for ever": [_configured(_new_image, [], _kept({})), "100y", true],
		"for ever, and no time asked for": [_configured(_new_image, [], _kept({})), "", false],
		"by size": [_own({"retentionSize": "1GB"}), "30d", false],
		"size unknown": [_own({"retention": "31d", "retentionSize": "x"}), "30d", false],
		"percentage unknown": [_configured(_new_image, [], _kept({"percentage": "x"})), "30d", false],
	}
	_longer(text) == want with input as document
}

default _longer(_) := false

_longer(text) if prometheus.longer(text)

test_loopback[note] if {
	some note, [args, want] in {
		"default": [[], false],
		"everywhere": [["--web.listen-address=:9090"], false],
		"IPv4": [["--web.listen-address=127.0.0.1:9090"], true],
		"IPv6": [["--web.listen-address=[::1]:9090"], true],
		"name": [["--web.listen-address", "localhost:9090"], true],
		"all of two": [["--web.listen-address=127.0.0.1:9090", "--web.listen-address=localhost:9091"], true],
		"one of two": [["--web.listen-address=127.0.0.1:9090", "--web.listen-address=:9091"], false],
		"another name": [["--web.listen-address=localhost.example.com:9090"], false],
		"within": [["--web.listen-address=x127.0.0.1:9090"], false],
	}
	_is_loopback == want with input as _old(args)
}

default _is_loopback := false

_is_loopback if prometheus.loopback

test_untold[note] if {
	some note, [document, want] in {
		"known": [_configured(_new_image, [], {}), set()],
		"another file": [_configured(_new_image, ["--config.file=/x"], {}), {_elsewhere_file("/x")}],
		"another file of one that does not limit": [_configured("prometheus:v3.7.0", ["--config.file=/x"], {}), {_elsewhere_file("/x")}],
		"of the operator": [_own({}), set()],
		"none": [_new("nginx"), set()],
	}
	prometheus.untold == want with input as document
}

test_line_unread if {
	prometheus.line_unread == {"The command line of Prometheus cannot be told."} with input as _shell
	prometheus.line_unread == {_part} with input as _old(["$(FLAGS)"])
	prometheus.line_unread == set() with input as _old(["--storage.tsdb.retention.time=$(T)"])
}
