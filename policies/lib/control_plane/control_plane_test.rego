package lib.control_plane_test

import data.lib.control_plane
import data.lib.static_pod

_pod(labels, bodies) := {
	"meta": {"namespace": "kube-system", "labels": labels},
	"containers": [{"name": name, "path": sprintf("/spec/containers/%d", [i]), "body": body} | some i, [name, body] in bodies],
}

_labels := {"component": "kube-scheduler", "tier": "control-plane"}

_found := {
	"label": [_labels, [["sidecar", {}], ["kube-scheduler", {"args": ["--a"]}]], ["--a"]],
	"command": [{}, [["sidecar", {"command": ["run"]}], ["s", {"command": ["/bin/kube-scheduler", "--a"]}]], ["--a"]],
	"command alone": [{}, [["sidecar", {}], ["s", {"command": ["kube-scheduler"]}]], []],
	"both": [_labels, [["x", {}], ["kube-scheduler", {"command": ["kube-scheduler"], "args": ["--b"]}]], ["--b"]],
}

test_component[note] if {
	some note, [labels, bodies, want] in _found
	document := _pod(labels, bodies)
	line := control_plane.line("kube-scheduler") with input as document
	line == want
	finding := control_plane.finding("kube-scheduler", "is wrong", {"b": "2"}) with input as document
	finding == {
		"path": "/spec/containers/1",
		"message": "kube-scheduler is wrong.",
		"evidence": {"container": bodies[1][0], "flags": {"b": "2"}},
	}
	not control_plane.absent("kube-scheduler") with input as document
}

_others := {
	"other label": _pod({"component": "etcd"}, [["kube-scheduler", {}]]),
	"other container": _pod(_labels, [["etcd", {}]]),
	"label of something else": _pod({"tier": "kube-scheduler"}, [["kube-scheduler", {}]]),
	"other namespace": object.union(_pod(_labels, [["kube-scheduler", {}]]), {"meta": {"namespace": "shop"}}),
	"other command": _pod({}, [["kube-scheduler", {"command": ["etcd"]}]]),
	"empty command": _pod({}, [["s", {"command": [], "args": ["--a"]}]]),
	"image starts it, but which?": _pod({}, [["kube-scheduler", {"args": ["kube-scheduler"]}]]),
}

test_other_pods[note] if {
	some note, document in _others
	control_plane.absent("kube-scheduler") == "This pod is not kube-scheduler of the cluster." with input as document
	not control_plane.container("kube-scheduler") with input as document
	control_plane.unread("kube-scheduler") == set() with input as document
}

_scheduler(args) := static_pod.of("kube-scheduler", {"args": args})

# arguments, the value of --a-b
_flags := {
	"none": [["--a"], set()],
	"one": [["--a-b=1", "--c"], {"1"}],
	"next word": [["--a-b", "1"], {"1"}],
	"the last": [["--a-b=1", "--a_b", "2"], {"2"}],
	"one dash": [["-a-b=1"], set()],
	"empty": [["--a-b="], {""}],
}

test_flag[note] if {
	some note, [args, want] in _flags
	found := {control_plane.flag("kube-scheduler", "a-b") | true} with input as _scheduler(args)
	found == want
}

test_listed if {
	control_plane.listed("kube-scheduler", "a") == {"x", "y", "z"} with input as _scheduler(["--a=x, y", "--a", "z"])
	control_plane.listed("kube-scheduler", "a") == set() with input as _scheduler(["--b=x"])
}

test_missing if {
	document := _scheduler(["--a=", "--b=1", "--d=1", "--d="])
	control_plane.missing("kube-scheduler", {"a", "b", "c", "d"}) == {"a", "c", "d"} with input as document
	control_plane.values("kube-scheduler", {"a", "b", "c"}) == {"b": "1"} with input as document
}

# arguments, what --a-b is if it is on, or off, where nothing is said
_switches := {
	"not given": [["--b"], [true, false]],
	"bare": [["--a-b", "false"], [true, true]],
	"true": [["--a-b=true"], [true, true]],
	"false": [["--a-b=false"], [false, false]],
	"number": [["--a-b=1", "--a_b=0"], [false, false]],
	"short": [["--a-b=F"], [false, false]],
	"the last": [["--a-b=false", "--a-b"], [true, true]],
	"nothing known": [["--a-b=perhaps"], []],
	"longer": [["--a-b-c=false"], [true, false]],
}

test_switched[note] if {
	some note, [args, want] in _switches
	document := _scheduler(args)
	found := [on | some preset in [true, false]; on := control_plane.switched("kube-scheduler", "a-b", preset)] with input as document
	found == want
}

_words := {
	true: ["1", "t", "T", "true", "True", "TRUE"],
	false: ["0", "f", "F", "false", "False", "FALSE"],
}

test_words[word] if {
	some want, words in _words
	some word in words
	preset := want == false
	on := control_plane.switched("kube-scheduler", "a", preset) with input as _scheduler([sprintf("--a=%s", [word])])
	on == want
}

_hidden := {"class": "named", "length": 9}

_shell := "kube-scheduler is not started by its name, so its flags cannot be told."

_variable := "A variable whose value is not in the pod stands for flags of kube-scheduler."

_value := "The value of --a is not in the pod."

_file := "What the file of --config says of it is not read."

# body, why flag a cannot be told, which may stand in the file of --config
_untold := {
	"told": [{"args": ["--a=1", "--b=$(B)"]}, set()],
	"shell": [{"command": ["sh", "-c", "kube-scheduler"]}, {_shell}],
	"flags from elsewhere": [{"args": ["$(A)"]}, {_variable}],
	"value from elsewhere": [{"args": ["--a=$(A)"]}, {_value}],
	"value from elsewhere in the next word": [{"args": ["--a", "$(A)"]}, {_value, _variable}],
	"hidden": [{"args": ["--a", _hidden]}, {_value}],
	"an earlier one": [{"args": ["--a=$(A)", "--a=1"]}, {_value}],
	"file": [{"args": ["--config=/a"]}, {_file}],
	"empty file": [{"args": ["--config="]}, set()],
}

test_untold[note] if {
	some note, [body, want] in _untold
	reasons := control_plane.untold("kube-scheduler", {"a"}, {"config"}) with input as static_pod.of("kube-scheduler", body)
	reasons == want
}

test_unread_is_all_of_it if {
	control_plane.unread("kube-scheduler") == {_shell} with input as static_pod.of("kube-scheduler", {"command": ["sh"]})
	control_plane.unread("kube-scheduler") == set() with input as _scheduler(["--a=$(A)"])
}

_etcd(args, env) := static_pod.of("etcd", {"args": args, "env": env})

_auto := {"name": "ETCD_AUTO_TLS", "value": "true"}

# arguments, environment, the value of auto-tls, whether it is on, why it cannot be told
_of_etcd := {
	"none": [[], [], set(), [false], set()],
	"one dash": [["-auto-tls=true"], [], {"true"}, [true], set()],
	"two": [["--auto-tls=true"], [], {"true"}, [true], set()],
	"environment": [[], [_auto], {"true"}, [true], set()],
	"flags come first": [["--auto-tls=false"], [_auto], {"false"}, [false], set()],
	"empty": [[], [{"name": "ETCD_AUTO_TLS"}], set(), [false], set()],
	"other variable": [[], [{"name": "AUTO_TLS", "value": "true"}], set(), [false], set()],
	"from elsewhere": [
		[],
		[{"name": "ETCD_AUTO_TLS", "valueFrom": {"fieldRef": {}}}],
		{"$(elsewhere)"},
		[],
		{"The value of --auto-tls is not in the pod."},
	],
	"hidden": [[], [{"name": "ETCD_AUTO_TLS", "value": _hidden}], {"{hidden}"}, [], {"The value of --auto-tls is not in the pod."}],
}

test_etcd[note] if {
	some note, [args, env, values, switches, reasons] in _of_etcd
	document := _etcd(args, env)
	found := {control_plane.flag("etcd", "auto-tls") | true} with input as document
	found == values
	on := [one | one := control_plane.switched("etcd", "auto-tls", false)] with input as document
	on == switches
	control_plane.untold("etcd", {"auto-tls"}, set()) == reasons with input as document
}

test_environment_of_others_is_none if {
	document := static_pod.of("kube-scheduler", {"args": [], "env": [{"name": "ETCD_AUTO_TLS", "value": "true"}]})
	control_plane.switched("kube-scheduler", "auto-tls", false) == false with input as document
}
