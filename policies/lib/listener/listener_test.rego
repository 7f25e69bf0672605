package lib.listener_test

import data.lib.listener

_path := "/spec/template/spec/containers/0"

_runs(image, args, settings) := {
	"meta": {"kind": "StatefulSet", "name": "metrics"},
	"spec": {},
	"pod": {"spec": {"volumes": [{"name": "web", "configMap": {"name": "web"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": {"image": image, "args": args, "volumeMounts": [{"name": "web", "mountPath": "/etc/web"}]},
	}],
	"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "web",
		"path": "/etc/web/web.yml",
		"settings": settings,
	}]}},
}

_file := ["--web.config.file=/etc/web/web.yml"]

_prometheus(args, settings) := _runs("prom/prometheus:v3.16.0", args, settings)

_own(spec) := {"meta": {"kind": "Alertmanager", "name": "main"}, "spec": spec}

_absent := "It runs neither Prometheus nor Alertmanager."

_inside := "It listens for its own pod only."

_made := {"controller": {"apiVersion": "monitoring.coreos.com/v1", "kind": "Alertmanager", "name": "main"}}

test_absent[note] if {
	some note, [document, reason] in {
		"another program": [_runs("nginx:1", [], {}), _absent],
		"made by the operator": [object.union(_prometheus([], {}), {"meta": _made}), "It is made from Alertmanager main, which is judged instead."],
		"IPv4": [_prometheus(["--web.listen-address=127.0.0.1:9090"], {}), _inside],
		"IPv6": [_prometheus(["--web.listen-address=[::1]:9090"], {}), _inside],
		"name": [_prometheus(["--web.listen-address=localhost:9090", "--web.listen-address=127.1:9091"], {}), _inside],
		"operator": [_own({"listenLocal": true}), _inside],
	}
	listener.absent == reason with input as document
	listener.unread == set() with input as object.remove(document, ["related"])
}

test_there[note] if {
	some note, document in {
		"Prometheus": _prometheus([], {}),
		"Alertmanager": _runs("prom/alertmanager:v0.34.0", [], {}),
		"everywhere": _prometheus(["--web.listen-address=:9090"], {}),
		"one of two": _prometheus(["--web.listen-address=127.0.0.1:9090", "--web.listen-address=:9091"], {}),
		"another name": _prometheus(["--web.listen-address=xlocalhost:9090"], {}),
		"operator": object.union(_own({"listenLocal": false}), {"meta": _made}),
	}
	not listener.absent with input as document
	listener.unread == set() with input as document
}

test_of_the_operator if {
	document := object.union(_own({"web": {"tlsConfig": {}}}), {"meta": {"kind": "Prometheus"}})
	[listener.path, listener.who, listener.oldest] == ["/spec", "Prometheus main", "TLS12"] with input as document
	not listener.absent with input as document
}

test_by_its_command if {
	body := {"command": ["/bin/prometheus"], "args": _file, "volumeMounts": [{"name": "web", "mountPath": "/etc/web"}]}
	document := object.union(_prometheus([], _secure), {"containers": [{"name": "server", "role": "app", "path": _path, "body": body}]})
	listener.tls with input as document
}

test_inside_with_a_file_that_is_not_known if {
	listener.unread == set() with input as _prometheus(["--web.listen-address=localhost:9090", "--web.config.file=/x"], {})
}

test_words if {
	[listener.path, listener.who] == [_path, "Container server"] with input as _prometheus([], {})
	[listener.path, listener.who] == ["/spec", "Alertmanager main"] with input as _own({})
}

_secure := {"tls_server_config": {"cert_file": "/x"}}

test_tls[note] if {
	some note, [document, want] in {
		"no file": [_prometheus([], _secure), false],
		"file": [_prometheus(_file, _secure), true],
		"file of Alertmanager": [_runs("alertmanager:v0.34.0", _file, _secure), true],
		"the last file": [_prometheus(array.concat(["--web.config.file=/x"], _file), _secure), true],
		"empty file": [_prometheus(_file, {}), false],
		"operator": [_own({"web": {"tlsConfig": {}}}), true],
		"none of the operator": [_own({"web": {}}), false],
	}
	_speaks == want with input as document
	listener.unread == set() with input as document
}

default _speaks := false

_speaks if listener.tls

test_oldest[note] if {
	some note, [document, want] in {
		"default": [_prometheus(_file, _secure), "TLS12"],
		"set": [_prometheus(_file, {"tls_server_config": {"min_version": "TLS10"}}), "TLS10"],
		"default of the operator": [_own({"web": {"tlsConfig": {}}}), "TLS12"],
		"operator": [_own({"web": {"tlsConfig": {"minVersion": "TLS13"}}}), "TLS13"],
	}
	listener.oldest == want with input as document
}

test_headers[note] if {
	some note, [document, want] in {
		"none": [_prometheus([], {}), set()],
		"file": [_prometheus(_file, {"http_server_config": {"headers": ["X-Frame-Options", "a"]}}), {"x-frame-options", "a"}],
		"operator": [_own({"web": {"httpConfig": {"headers": {"xFrameOptions": "Deny", "xXSSProtection": "0", "other": "x"}}}}), {"x-frame-options", "x-xss-protection"}],
		"others of the operator": [
			_own({"web": {"httpConfig": {"headers": {"contentSecurityPolicy": "x", "strictTransportSecurity": "x", "xContentTypeOptions": "NoSniff"}}}}),
			{"content-security-policy", "strict-transport-security", "x-content-type-options"},
		],
	}
	listener.headers == want with input as document
}

_part := "Its command line, or a part of it, cannot be told."

test_unread[note] if {
	some note, [document, want] in {
		"flags elsewhere": [_prometheus(["@/etc/flags"], {}), _part],
		"variable": [_prometheus(["$(FLAGS)"], {}), _part],
		"hidden": [_prometheus([{"class": "named", "length": 9}], {}), _part],
		"shell": [
			object.union(_prometheus([], {}), {"containers": [{
				"name": "server",
				"role": "app",
				"path": _path,
				"body": {"image": "prometheus", "command": ["sh", "-c", "prometheus"]},
			}]}),
			_part,
		],
		"file of a variable": [_prometheus(["--web.config.file=$(FILE)"], {}), _part],
		"another file": [
			_prometheus(["--web.config.file=/etc/web/x.yml"], {}),
			"What stands in the file /etc/web/x.yml is not known: it lies on volume web, of the kind configMap.",
		],
		"relative": [
			_prometheus(["--web.config.file=web.yml"], {}),
			"What stands in the file web.yml is not known: it lies in the container itself.",
		],
	}
	listener.unread == {want} with input as document
	not listener.tls with input as document
}

test_homes[image] if {
	some image, home in {"prometheus": "/prometheus", "alertmanager": "/alertmanager"}
	document := _runs(image, ["--web.config.file=web.yml"], {})
	mounted := object.union(document, {
		"containers": [object.union(document.containers[0], {"body": {"image": image, "args": ["--web.config.file=web.yml"], "volumeMounts": [{"name": "web", "mountPath": home}]}})],
		"related": {"configuration_files": {"items": [{"container": "server", "volume": "web", "path": sprintf("%s/web.yml", [home]), "settings": _secure}]}},
	})
	listener.tls with input as mounted
}
