package k8s.container_runtime_socket_test

import data.k8s.container_runtime_socket
import data.lib.example.document

_spec(path) := {"volumes": [{"name": "v", "hostPath": {"path": path}}]}

_mount(more) := {"volumeMounts": [object.union({"name": "v", "mountPath": "/v"}, more)]}

# path of the volume, more of the mount
_open := {
	"socket": ["/var/run/docker.sock", {}],
	"the other name of its folder": ["/run/docker.sock", {}],
	"read-only": ["/run/containerd/containerd.sock", {"readOnly": true}],
	"folder": ["/run/crio", {}],
	"folder of folders": ["/run", {}],
	"root": ["/", {}],
	"detours": ["//run/./k3s//containerd/", {}],
	"upwards": ["/etc/../run", {}],
	"below it": ["/run/docker.sock/x", {}],
	"subPath of a folder": ["/", {"subPath": "run/docker.sock"}],
	"subPathExpr": ["/run", {"subPathExpr": "$(NAME)"}],
}

_severities := {finding.severity | some finding in container_runtime_socket.fail}

test_mounted[note] if {
	some note, [path, more] in _open
	severities := _severities with input as document({"spec": _spec(path), "bodies": [{}, _mount(more)]})
	severities == {"critical"}
}

_closed := {
	"other folder": ["/run/crio-other", {}],
	"other file": ["/run/docker.socket", {}],
	"subPath beside it": ["/run", {"subPath": "lock"}],
	"other volume": ["/run", {"name": "other"}],
	"folder of it": ["/run", {"name": "none"}],
}

test_not_reached[note] if {
	some note, [path, more] in _closed
	container_runtime_socket.fail == set() with input as document({"spec": _spec(path), "bodies": [_mount(more)]})
}

# path, the severities where no container mounts it
_idle := {
	"/run/docker.sock": {"low"},
	"/run/docker.sock/x": {"low"},
	"/run": set(),
	"/": set(),
	"/etc": set(),
}

test_unmounted[path] if {
	some path, want in _idle
	severities := _severities with input as document({"spec": _spec(path), "bodies": [{}]})
	severities == want
}

test_sockets_are_a_parameter if {
	case := {"spec": _spec("/run/docker.sock"), "bodies": [_mount({})]}
	container_runtime_socket.fail == set() with input as document(case)
		with data.parameters.container_runtime_socket as {"sockets": ["/run/own.sock"]}
}

test_finding_mounted if {
	bodies := [_mount({}), _mount({"subPath": "crio"}), _mount({"subPath": "lock"})]
	finding := {
		"path": "/spec/template/spec/volumes/0/hostPath",
		"message": "Volume v (/var/run of the node) opens the socket of a container runtime to a, b.",
		"severity": "critical",
		"evidence": {
			"volume": "v",
			"hostPath": "/var/run",
			"sockets": {"/run/crio/crio.sock", "/run/docker.sock"},
			"containers": {"a", "b"},
		},
	}
	container_runtime_socket.fail == {finding} with input as document({"spec": _spec("/var/run"), "bodies": bodies})
		with data.parameters.container_runtime_socket as {"sockets": ["/run/docker.sock", "/run/crio/crio.sock"]}
}

test_finding_unmounted if {
	words := "Volume v (/run/docker.sock of the node) opens the socket of a container runtime to no container so far."
	finding := {
		"path": "/spec/template/spec/volumes/0/hostPath",
		"message": words,
		"severity": "low",
		"evidence": {
			"volume": "v",
			"hostPath": "/run/docker.sock",
			"sockets": {"/run/docker.sock"},
			"containers": set(),
		},
	}
	container_runtime_socket.fail == {finding} with input as document({"spec": _spec("/run/docker.sock")})
}

test_no_volumes if container_runtime_socket.fail == set() with input as document({"bodies": [{}]})

test_unknown if {
	reason := "The path of volume v looks like a credential, and is hidden."
	[set(), {reason}] == [container_runtime_socket.fail, container_runtime_socket.unknown] with input as document({
		"spec": _spec({"class": "named", "length": 20}),
		"bodies": [_mount({})],
	})
}
