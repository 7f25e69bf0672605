package lib.api_server_test

import data.lib.api_server

_pod(labels, bodies) := {
	"meta": {"namespace": "kube-system", "labels": labels},
	"containers": [{"name": name, "body": body} | some name, body in bodies],
}

_other := "This pod is not the API server of the cluster."

_no_file := "It writes no audit log into a file."

_hidden := {"class": "named", "length": 9}

_labels := {"component": "kube-apiserver", "tier": "control-plane"}

_servers := {
	"label": [_labels, {"kube-apiserver": {"args": ["--a"]}, "sidecar": {}}, ["--a"]],
	"command": [{}, {"api": {"command": ["/bin/kube-apiserver", "--a"]}, "sidecar": {"command": ["run"]}}, ["--a"]],
	"command and args": [{}, {"api": {"command": ["kube-apiserver"], "args": ["--a"]}}, ["--a"]],
	"both": [_labels, {"kube-apiserver": {"command": ["kube-apiserver"], "args": ["--b"]}}, ["--b"]],
}

test_api_server[note] if {
	some note, [labels, bodies, want] in _servers
	line := api_server.line with input as _pod(labels, bodies)
	line == want
	api_server.unread == set() with input as _pod(labels, bodies)
}

_others := {
	"other label": _pod({"component": "etcd"}, {"kube-apiserver": {}}),
	"other container": _pod(_labels, {"etcd": {}}),
	"label of something else": _pod({"tier": "kube-apiserver"}, {"kube-apiserver": {}}),
	"other namespace": object.union(_pod(_labels, {"kube-apiserver": {}}), {"meta": {"namespace": "shop"}}),
	"other command": _pod({}, {"kube-apiserver": {"command": ["etcd"]}}),
	"empty command": _pod({}, {"etcd": {"command": [], "args": ["--a"]}}),
	"image starts it, but which?": _pod({}, {"kube-apiserver": {"args": ["kube-apiserver"]}}),
}

test_other_pods[note] if {
	some note, document in _others
	not api_server.container with input as document
	api_server.unread == set() with input as document
}

_shell := {"command": ["sh", "-c", "exec kube-apiserver --a"]}

test_started_by_a_shell if {
	api_server.unread == {"kube-apiserver is not started by its name, so its flags cannot be told."} with input as _pod(_labels, {"kube-apiserver": _shell})
}

_unread := {
	"flags from elsewhere": [["$(FLAGS)"], 1],
	"value from elsewhere": [["--a=$(VALUE)", "--b"], 0],
	"hidden": [[_hidden], 0],
}

test_unread[note] if {
	some note, [args, want] in _unread
	found := api_server.unread with input as _pod(_labels, {"kube-apiserver": {"args": args}})
	count(found) == want
	found - {"A variable whose value is not in the pod stands for flags of kube-apiserver."} == set()
}

# arguments of the API server, file
_files := [
	[["--audit-log-path=/a", "--b"], "/a"],
	[["--audit-log-path=/a", "--audit_log_path", "/b"], "/b"],
	[["--audit-log-path=-"], ""],
	[["--audit-log-path="], ""],
	[["--audit-webhook-config-file=/a"], ""],
	[["--audit-log-path=$(A)"], "$(A)"],
]

test_audit_log[case] if {
	some case in _files
	[args, want] := case
	file := api_server.audit_log with input as _pod(_labels, {"kube-apiserver": {"args": args}})
	file == want
	reasons := {api_server.no_audit_log | true} with input as _pod(_labels, {"kube-apiserver": {"args": args}})
	reasons == {_no_file | want == ""}
}

test_no_audit_log_without_flags if {
	not api_server.audit_log with input as _pod(_labels, {"kube-apiserver": _shell})
	not api_server.audit_log with input as _pod(_labels, {"etcd": {}})
}

test_no_audit_log_to_judge if {
	api_server.no_audit_log == _other with input as _pod(_labels, {"etcd": {}})
	not api_server.no_audit_log with input as _pod(_labels, {"kube-apiserver": _shell})
	not api_server.no_audit_log with input as _pod(_labels, {"kube-apiserver": {"args": ["$(FLAGS)"]}})
}

test_flag_of_api_server if {
	line := ["--audit-log-maxage=1", "--audit-log-maxage=2"]
	value := api_server.flag("audit-log-maxage") with input as _pod(_labels, {"kube-apiserver": {"args": line}})
	value == "2"
}

# image, version of the cluster, minor version of the server
_images := [
	["registry.k8s.io/kube-apiserver:v1.36.3", "v1.30.0", 36],
	["registry.example.com:5000/kube-apiserver:v1.35.1-patch.2", "v1.30.0", 35],
	["registry.k8s.io/kube-apiserver:v1.36.3@sha256:00ff", "v1.30.0", 36],
	["registry.k8s.io/kube-apiserver@sha256:00ff", "v1.30.0", 30],
	["registry.example.com:v1.20/kube-apiserver", "v1.30.0", 30],
	["registry.example.com/kube-apiserver:stable", "v1.30.0", 30],
]

_versioned(image, version, args) := object.union(
	_pod(_labels, {"kube-apiserver": {"image": image, "args": args}}),
	{"cluster": {"version": version}},
)

test_minor[image] if {
	some [image, version, want] in _images
	minor := api_server.minor with input as _versioned(image, version, [])
	minor == want
}

test_no_minor if not api_server.minor with input as _versioned("kube-apiserver", "", [])

_limits(age, backups, size) := {"maxage": age, "maxbackup": backups, "maxsize": size}

_all := ["--audit-log-maxage=7", "--audit-log-maxbackup=8", "--audit-log-maxsize=9"]

# version, flags, limits
_limited := {
	"defaults": ["v1.36.0", [], _limits(366, 100, 100)],
	"older defaults": ["v1.35.9", [], _limits(0, 0, 0)],
	"given": ["v1.36.0", _all, _limits(7, 8, 9)],
	"given, to an older one": ["v1.35.9", _all, _limits(7, 8, 9)],
	"some given": ["v1.36.0", ["--audit-log-maxsize", "0"], _limits(366, 100, 0)],
	"unknown version": ["", ["--audit-log-maxage=7"], {"maxage": 7}],
	"unknown value": ["v1.36.0", ["--audit-log-maxage=$(A)"], {"maxbackup": 100, "maxsize": 100}],
	"hidden value": ["v1.36.0", ["--audit-log-maxsize", _hidden], {"maxage": 366, "maxbackup": 100}],
	"no decimal": ["v1.36.0", ["--audit-log-maxbackup=010"], {"maxage": 366, "maxsize": 100}],
}

test_audit_limits[note] if {
	some note, [version, args, want] in _limited
	limits := api_server.audit_limits with input as _versioned("kube-apiserver", version, args)
	limits == want
}

# version, size that is given, size that counts
_sizes := [
	["v1.36.0", "0", set()],
	["v1.36.0", "1", {1}],
	["v1.35.9", "0", {100}],
	["v1.35.9", "250", {250}],
	["", "0", set()],
	["", "250", {250}],
]

test_audit_file_size[case] if {
	some case in _sizes
	[version, size, want] := case
	args := [sprintf("--audit-log-maxsize=%s", [size])]
	found := {api_server.audit_file_size | true} with input as _versioned("kube-apiserver", version, args)
	found == want
}

_untold := "A limit of the audit log, or the version with its default, cannot be told."

_elsewhere := "A variable whose value is not in the pod stands for flags of kube-apiserver."

# version, flags, why the limits cannot be told
_audit_unread := {
	"defaults": ["v1.36.0", [], set()],
	"all given": ["", _all, set()],
	"all given, but what is 0?": ["", array.concat(_all, ["--audit-log-maxsize=0"]), {_untold}],
	"it is 100": ["v1.35.0", array.concat(_all, ["--audit-log-maxsize=0"]), set()],
	"all given, the least": ["", array.concat(_all, ["--audit-log-maxsize=1"]), set()],
	"default of an unknown version": ["", ["--audit-log-maxsize=9"], {_untold}],
	"value from elsewhere": ["v1.36.0", ["--audit-log-maxage=$(A)"], {_untold}],
	"flags from elsewhere": ["v1.36.0", ["$(A)"], {_elsewhere}],
	"no audit log": ["", ["--audit-log-path="], set()],
}

test_audit_unread[note] if {
	some note, [version, args, want] in _audit_unread
	reasons := api_server.audit_unread with input as _versioned("kube-apiserver", version, array.concat(["--audit-log-path=/a"], args))
	reasons == want
}
