package k8s.sensitive_host_path_test

import data.k8s.sensitive_host_path
import data.lib.example.document

_spec(path) := {"volumes": [{"name": "v", "hostPath": {"path": path}}]}

_mount(more) := {"volumeMounts": [object.union({"name": "v", "mountPath": "/v"}, more)]}

_read := {"readOnly": true}

_under(path) := {"subPath": path}

# path of the volume, mounts, severities
_cases := {
	"writable": ["/etc", [{}], {"critical"}],
	"readOnly false": ["/etc", [{"readOnly": false}], {"critical"}],
	"in a sensitive folder": ["/var/lib/kubelet/pods", [{}], {"critical"}],
	"detours": ["//etc/./kubernetes/", [{}], {"critical"}],
	"one mount of two is writable": ["/etc", [_read, {}], {"critical"}],
	"read-only": ["/etc/ssl", [_read], {"high"}],
	"devices read-only": ["/dev", [_read, _read], {"high"}],
	"root read-only holds the sockets": ["/", [_read], {"critical"}],
	"socket read-only": ["/var/run/docker.sock", [_read], {"critical"}],
	"socket of a folder read-only": ["/run", [{"readOnly": true, "subPath": "crio"}], {"critical"}],
	"folder beside the sockets": ["/run", [{"readOnly": true, "subPath": "lock"}], {"high"}],
	"unmounted": ["/etc", [], {"high"}],
	"unmounted socket": ["/run/docker.sock", [], {"high"}],
	"unmounted root": ["/", [], {"high"}],
	"subPath narrows to a sensitive one": ["/", [_under("etc")], {"critical"}],
	"subPath narrows to another": ["/", [_under("data/etc")], {"medium"}],
	"subPath narrows, read-only": ["/", [object.union(_read, _under("data"))], set()],
	"subPathExpr narrows to nobody knows": ["/", [{"subPathExpr": "$(NAME)"}], {"critical"}],
	"writable elsewhere": ["/data", [{}], {"medium"}],
	"similar name": ["/etcd", [{}], {"medium"}],
	"read-only elsewhere": ["/data", [_read], set()],
	"unmounted elsewhere": ["/data", [], set()],
	"both": ["/", [object.union(_read, _under("etc")), _under("data")], {"high", "medium"}],
	"other volume": ["/data", [{"name": "other"}], set()],
}

_severities := {finding.severity | some finding in sensitive_host_path.fail}

test_severity[note] if {
	some note, [path, mounts, want] in _cases
	severities := _severities with input as document({
		"spec": _spec(path),
		"bodies": [_mount(more) | some more in mounts],
	})
	severities == want
}

_parameters := {"sensitive": ["/", "/data/keys"], "sockets": ["/run/own.sock"]}

# path, severity of a mount that is writable
_own := {
	"/": {"critical"},
	"/data": {"critical"},
	"/data/keys/tls": {"critical"},
	"/run": {"critical"},
	"/etc": {"medium"},
	"/run/docker.sock": {"medium"},
}

test_parameters[path] if {
	some path, want in _own
	severities := _severities with input as document({"spec": _spec(path), "bodies": [_mount({})]})
		with data.parameters.sensitive_host_path as _parameters
	severities == want
}

_volume := "/spec/template/spec/volumes/0/hostPath"

# path, mounts, message, containers
_findings := {
	"critical": [
		"/etc",
		[{}, _read, {}],
		"Volume v (/etc of the node) can be written to by a, c.",
		{"a", "c"},
	],
	"critical for the socket that may be written": [
		"/run",
		[_under("lock"), {}],
		"Volume v (/run of the node) brings the socket of a container runtime to b.",
		{"b"},
	],
	"critical for the socket": [
		"/run",
		[object.union(_read, _under("lock")), _read],
		"Volume v (/run of the node) brings the socket of a container runtime to b.",
		{"b"},
	],
	"high": ["/etc", [_read, _read], "Volume v (/etc of the node) can be read by a, b.", {"a", "b"}],
	"high without a mount": ["/etc", [], "Volume v (/etc of the node) can be read by no container so far.", set()],
}

test_finding[note] if {
	some note, [path, mounts, message, containers] in _findings
	sensitive_host_path.fail == {{
		"path": _volume,
		"message": message,
		"severity": split(note, " ")[0],
		"evidence": {"volume": "v", "hostPath": path, "containers": containers},
	}} with input as document({"spec": _spec(path), "bodies": [_mount(more) | some more in mounts]})
}

test_finding_of_mount if {
	sensitive_host_path.fail == {{
		"path": "/spec/template/spec/containers/1/volumeMounts/0",
		"message": "Container b can write to /data/a/ of the node.",
		"severity": "medium",
		"evidence": {"volume": "v", "hostPath": "/data", "container": "b"},
	}} with input as document({"spec": _spec("/data"), "bodies": [_mount(_read), _mount(_under("a"))]})
}

test_no_volumes if sensitive_host_path.fail == set() with input as document({"bodies": [{}]})

test_unknown if {
	reason := "The path of volume v looks like a credential, and is hidden."
	[set(), {reason}] == [sensitive_host_path.fail, sensitive_host_path.unknown] with input as document({
		"spec": _spec({"class": "named", "length": 20}),
		"bodies": [_mount({})],
	})
}
