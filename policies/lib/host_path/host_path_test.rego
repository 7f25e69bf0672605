package lib.host_path_test

import data.lib.example.document
import data.lib.host_path

_cleaned := {
	"/etc": "/etc/",
	"/etc/": "/etc/",
	"//etc///kubernetes/./pki/.": "/etc/kubernetes/pki/",
	"/": "/",
	"//": "/",
	"": "/",
	"etc": "/etc/",
	"/etc/..": "/",
	"/../..": "/",
	"/../etc": "/etc/",
	"/a/../etc": "/etc/",
	"/a/b/../../../etc/c": "/etc/c/",
	"/a/../b/c/../d": "/b/d/",
	"/a/b/c/../../../d/../e": "/e/",
	"/a/..b/...": "/a/..b/.../",
	"/var/run": "/run/",
	"/var/run/docker.sock": "/run/docker.sock/",
	"/var/./lib/..//run/crio": "/run/crio/",
	"/var/running": "/var/running/",
	"/srv/var/run": "/srv/var/run/",
	"/var": "/var/",
}

test_clean[path] if {
	some path, want in _cleaned
	host_path.clean(path) == want
}

test_too_long_to_clean if {
	path := concat("/", [part | some _ in numbers.range(1, 127); some part in ["a", ".."]])
	host_path.clean(concat("/", ["b", path, "c"])) == "/b/c/"
	host_path.clean(concat("/", ["b", path, "c", "d"])) == "/"
}

test_named if host_path.named(["/", "/var/run/"]) == {"/": "/", "/var/run/": "/run/"}

# path, the named paths that it touches
_touched := {
	"/etc/": {"/etc", "/etc/kubernetes"},
	"/etc/kubernetes/": {"/etc", "/etc/kubernetes"},
	"/etc/kubernetes/pki/": {"/etc", "/etc/kubernetes"},
	"/etc/ssl/": {"/etc"},
	"/etcd/": set(),
	"/data/": set(),
	"/": {"/", "/etc", "/etc/kubernetes"},
}

test_touched[path] if {
	some path, want in _touched
	host_path.touched(path, host_path.named(["/", "/etc", "/etc/kubernetes"])) == want
}

_volumes := [
	{"name": "tmp", "emptyDir": {}},
	{"name": "run", "hostPath": {"path": "/var/run/"}},
	{"name": "idle", "hostPath": {"path": "/etc"}},
	{"name": "wrong", "hostPath": {}},
	{"hostPath": {"path": "/srv"}},
	{"name": "secret", "hostPath": {"path": {"class": "named", "length": 20}}},
]

_bodies := [
	{"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "run", "mountPath": "/run", "readOnly": true}]},
	{},
	{"volumeMounts": [
		{"name": "run", "mountPath": "/a", "subPath": "crio/./crio.sock", "readOnly": false},
		{"name": "run", "mountPath": "/b", "subPathExpr": "$(NODE)"},
		{"name": "run", "mountPath": "/c", "subPath": {"class": "named", "length": 20}, "readOnly": true},
	]},
]

test_volumes if {
	idle := {"mounted": false, "who": "no container so far", "writable": false}
	found := host_path.volumes with input as document({"spec": {"volumes": _volumes}, "bodies": _bodies})
	found == [
		{
			"name": "run",
			"path": "/spec/template/spec/volumes/1/hostPath",
			"who": "Volume run (/var/run/ of the node)",
			"evidence": {"volume": "run", "hostPath": "/var/run/"},
			"uses": [
				{
					"mounted": true,
					"who": "a",
					"path": "/spec/template/spec/containers/0/volumeMounts/1",
					"real": "/run/",
					"writable": false,
				},
				{
					"mounted": true,
					"who": "c",
					"path": "/spec/template/spec/containers/2/volumeMounts/0",
					"real": "/run/crio/crio.sock/",
					"writable": true,
				},
				{
					"mounted": true,
					"who": "c",
					"path": "/spec/template/spec/containers/2/volumeMounts/1",
					"real": "/run/",
					"writable": true,
				},
				{
					"mounted": true,
					"who": "c",
					"path": "/spec/template/spec/containers/2/volumeMounts/2",
					"real": "/run/",
					"writable": false,
				},
			],
		},
		{
			"name": "idle",
			"path": "/spec/template/spec/volumes/2/hostPath",
			"who": "Volume idle (/etc of the node)",
			"evidence": {"volume": "idle", "hostPath": "/etc"},
			"uses": [object.union(idle, {"real": "/etc/"})],
		},
		{
			"name": "",
			"path": "/spec/template/spec/volumes/4/hostPath",
			"who": "Volume  (/srv of the node)",
			"evidence": {"volume": "", "hostPath": "/srv"},
			"uses": [object.union(idle, {"real": "/srv/"})],
		},
	]
}

test_hidden if {
	volumes := array.concat(_volumes, [{"hostPath": {"path": {"class": "named", "length": 20}}}])
	hidden := host_path.hidden with input as document({"spec": {"volumes": volumes}})
	hidden == {
		"The path of volume secret looks like a credential, and is hidden.",
		"The path of volume  looks like a credential, and is hidden.",
	}
}

test_no_volumes if host_path.volumes == [] with input as document({})
