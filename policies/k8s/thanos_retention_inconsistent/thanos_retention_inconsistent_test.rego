package k8s.thanos_retention_inconsistent_test

import data.k8s.thanos_retention_inconsistent

_document(body) := {"containers": [{"name": "a", "role": "app", "path": "/spec/template/spec/containers/0", "body": body}]}

_compact(args) := _document({"image": "quay.io/thanos/thanos:v0.41.0", "args": array.concat(["compact", "--wait"], args)})

_kept(raw, five, hour) := [
	sprintf("--retention.resolution-raw=%s", [raw]),
	sprintf("--retention.resolution-5m=%s", [five]),
	sprintf("--retention.resolution-1h=%s", [hour]),
]

_no := "It runs no compactor of Thanos."

_untold := "The command line of container a, or a time in it, cannot be told."

_unequal := ["unequal", "info", "keeps its resolutions for different times"]

_early(resolution, time) := [resolution, "low", sprintf("keeps resolution %s for %s, and deletes it before it is downsampled", [resolution, time])]

_short(resolution, time) := [resolution, "low", sprintf("keeps resolution %s for %s, less than 30d", [resolution, time])]

# document, faults, skip, unknown
_cases := {
	"defaults": [_compact([]), [], [], []],
	"all alike": [_compact(_kept("1y", "365d", "8760h")), [], [], []],
	"all for as long as required": [_compact(_kept("30d", "30d", "30d")), [], [], []],
	"last of several": [_compact(array.concat(_kept("1d", "30d", "30d"), ["--retention.resolution-raw", "30d"])), [], [], []],
	"one for ever": [_compact(_kept("0d", "60d", "60d")), [_unequal], [], []],
	"longer and longer": [_compact(_kept("30d", "180d", "1y")), [_unequal], [], []],
	"too short": [_compact(_kept("2d", "10d", "1d")), [_short("raw", "2d"), _short("5m", "10d"), _short("1h", "1d")], [], []],
	"just so": [_compact(_kept("40h", "240h", "29d")), [_short("raw", "40h"), _short("5m", "240h"), _short("1h", "29d")], [], []],
	"before it is downsampled": [_compact(_kept("39h", "239h", "60d")), [_early("raw", "39h"), _early("5m", "239h")], [], []],
	"not downsampled": [_compact(array.concat(_kept("39h", "239h", "60d"), ["--downsampling.disable"])), [_short("raw", "39h"), _short("5m", "239h")], [], []],
	"by its command": [_document({"image": "example.com/metrics:1", "command": ["/bin/thanos", "compact"], "args": _kept("1d", "60d", "60d")}), [_early("raw", "1d")], [], []],
	"another part of it": [_document({"image": "quay.io/thanos/thanos:v0.41.0", "args": ["sidecar", "--retention.resolution-raw=1d"]}), [], [_no], []],
	"another program": [_document({"image": "quay.io/thanos/thanos-operator:v0.1.0", "args": ["compact", "--retention.resolution-raw=1d"]}), [], [_no], []],
	"another program, with the word as an argument": [_document({"image": "example.com/a:1", "command": ["a", "--for=/bin/thanos", "--run=thanos", "-/thanos", "a/thanoss", "compact"]}), [], [_no], []],
	"no time": [_compact(_kept("1d", "soon", "60d")), [_early("raw", "1d")], [], [_untold]],
	"variable": [_compact(["--retention.resolution-raw=$(RAW)"]), [], [], [_untold]],
	"shell": [_document({"image": "quay.io/thanos/thanos:v0.41.0", "command": ["sh", "-c", "thanos compact"]}), [], [], [_untold]],
	"no container": [{"containers": []}, [], [_no], []],
	"init container": [
		{"containers": [{"name": "a", "role": "init", "path": "/a", "body": {"image": "thanos", "args": ["compact", "--retention.resolution-raw=1d"]}}]},
		[], [_no], [],
	],
}

test_fail[note] if {
	some note, [document, faults, _, _] in _cases
	found := {[finding.key, finding.severity, finding.message] | some finding in thanos_retention_inconsistent.fail} with input as document
	found == {[sprintf("a/%s", [key]), severity, sprintf("Container a %s.", [says])] | some [key, severity, says] in faults}
}

test_skip_and_unknown[note] if {
	some note, [document, _, skipped, untold] in _cases
	thanos_retention_inconsistent.skip == {reason | some reason in skipped} with input as document
	thanos_retention_inconsistent.unknown == {reason | some reason in untold} with input as document
}

test_sidecar if {
	document := {"containers": [{"name": "a", "role": "sidecar", "path": "/a", "body": {"image": "thanos", "args": ["compact", "--retention.resolution-raw=1d"]}}]}
	count(thanos_retention_inconsistent.fail) == 1 with input as document
}

test_required if {
	found := thanos_retention_inconsistent.fail with input as _compact(_kept("364d", "1y", "1y"))
		with data.parameters.thanos_retention_inconsistent as {"required": "1y"}
	found == {{
		"path": "/spec/template/spec/containers/0",
		"key": "a/raw",
		"message": "Container a keeps resolution raw for 364d, less than 1y.",
		"severity": "low",
		"evidence": {"retention": {"raw": "364d", "5m": "1y", "1h": "1y"}},
	}}
}
