package lib.thanos_test

import data.lib.thanos

_container(role, body) := {"name": "a", "role": role, "path": "/spec/containers/0", "body": body}

_thanos := "quay.io/thanos/thanos:v0.41.0"

_untold := {"The command line of container a, or a time in it, cannot be told."}

# role, body, compactors, reasons
_cases := {
	"image": ["app", {"image": _thanos, "args": ["compact"]}, 1, set()],
	"short image": ["app", {"image": "thanos", "args": ["compact"]}, 1, set()],
	"sidecar": ["sidecar", {"image": "thanos", "args": ["compact"]}, 1, set()],
	"init": ["init", {"image": "thanos", "args": ["compact"]}, 0, set()],
	"command": ["app", {"image": "example.com/a:1", "command": ["/bin/thanos"], "args": ["compact"]}, 1, set()],
	"command by its name": ["app", {"image": "example.com/a:1", "command": ["x", "thanos", "compact"]}, 1, set()],
	"argument": ["app", {"image": "example.com/a:1", "command": ["x", "-/thanos", "thanoss", "mythanos", "compact"]}, 0, set()],
	"other image": ["app", {"image": "quay.io/thanos/thanos-operator:v1", "args": ["compact"]}, 0, set()],
	"other image still": ["app", {"image": "quay.io/mythanos:v1", "args": ["compact"]}, 0, set()],
	"other component": ["app", {"image": _thanos, "args": ["store", "--retention.resolution-raw=soon"]}, 0, set()],
	"shell": ["app", {"image": _thanos, "command": ["sh", "-c", "thanos compact"]}, 0, _untold],
	"variable": ["app", {"image": _thanos, "args": ["compact", "--retention.resolution-1h=$(T)"]}, 1, _untold],
}

test_compactor[note] if {
	some note, [role, body, number, reasons] in _cases
	count(thanos.compactors) == number with input as {"containers": [_container(role, body)]}
	thanos.unread == reasons with input as {"containers": [_container(role, body)]}
}

test_only_that_one if {
	told := object.union(_container("app", {"image": _thanos, "args": ["compact"]}), {"name": "b", "path": "/spec/containers/1"})
	untold := _container("app", {"image": _thanos, "args": ["compact", "--retention.resolution-1h=$(T)"]})
	thanos.unread == _untold with input as {"containers": [untold, told]}
}

test_times if {
	args := ["compact", "--retention.resolution-raw", "1d", "--retention.resolution-raw=40h", "--retention.resolution-5m=0", "x"]
	[one] := thanos.compactors with input as {"containers": [_container("app", {"image": _thanos, "args": args})]}
	one.shown == {"raw": "40h", "5m": "0", "1h": "0d"}
	one.kept == {"raw": 144000000000000, "5m": 0, "1h": 0}
	one.line == args
	one.container.name == "a"
}
