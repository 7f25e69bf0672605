package k8s.probe_host_set_test

import data.k8s.probe_host_set
import data.lib.example.document

_version(version) := {"pss_version": version}

_at(path) := sprintf("/spec/template/spec/containers/0/%s/host", [path])

# every place that can name a host
_handlers := {
	"livenessProbe/httpGet",
	"livenessProbe/tcpSocket",
	"readinessProbe/httpGet",
	"readinessProbe/tcpSocket",
	"startupProbe/httpGet",
	"startupProbe/tcpSocket",
	"lifecycle/postStart/httpGet",
	"lifecycle/postStart/tcpSocket",
	"lifecycle/preStop/httpGet",
	"lifecycle/preStop/tcpSocket",
}

test_handler[handler] if {
	some handler in _handlers
	body := json.patch({}, array.concat(
		[{"op": "add", "path": concat("/", array.concat([""], parent)), "value": {}} |
			some i in [1, 2]
			parent := array.slice(split(handler, "/"), 0, i)
		],
		[{"op": "add", "path": sprintf("/%s", [handler]), "value": {"port": 80, "host": "127.0.0.1"}}],
	))
	probe_host_set.fail == {{
		"path": _at(handler),
		"message": sprintf("Container a lets the node call 127.0.0.1 in its %s.", [replace(handler, "/", ".")]),
		"evidence": {"container": "a", "role": "app", "handler": replace(handler, "/", "."), "host": "127.0.0.1"},
		"patch": [{"op": "remove", "path": _at(handler)}],
	}} with input as document({"bodies": [body, {}]})
		with data.parameters.probe_host_set as _version("latest")
}

_own := {
	"no host": {"readinessProbe": {"httpGet": {"port": 80, "httpHeaders": [{"name": "Host", "value": "shop"}]}}},
	"empty host": {"readinessProbe": {"httpGet": {"port": 80, "host": ""}}},
	"no network": {"livenessProbe": {"exec": {"command": ["true"]}}, "startupProbe": {"grpc": {"port": 80}}},
}

test_own[note] if {
	some note, body in _own
	probe_host_set.fail == set() with input as document({"bodies": [body]})
		with data.parameters.probe_host_set as _version("latest")
}

_since := {"v1.33": [0, {"Part of the standards since v1.34; v1.33 is judged."}], "v1.34": [1, set()]}

test_since[version] if {
	some version, [findings, reasons] in _since
	case := {"bodies": [{"livenessProbe": {"tcpSocket": {"port": 80, "host": "10.0.0.1"}}}]}
	verdict := {"fail": count(probe_host_set.fail), "skip": probe_host_set.skip} with input as document(case)
		with data.parameters.probe_host_set as _version(version)
	verdict == {"fail": findings, "skip": reasons}
}
