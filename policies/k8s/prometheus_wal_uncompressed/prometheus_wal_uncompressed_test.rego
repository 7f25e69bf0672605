package k8s.prometheus_wal_uncompressed_test

import data.k8s.prometheus_wal_uncompressed

_path := "/spec/template/spec/containers/0"

_runs(args) := {
	"meta": {"kind": "Deployment", "name": "metrics"},
	"spec": {"walCompression": false},
	"containers": [{"name": "server", "role": "app", "path": _path, "body": {"image": "prom/prometheus:v3.16.0", "args": args}}],
}

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec}

_finding(path, who, set_by) := {
	"path": path,
	"key": "wal",
	"message": sprintf("%s does not compress its write-ahead log.", [who]),
	"evidence": {"set": set_by},
}

_off := "--no-storage.tsdb.wal-compression"

_by_flag := _finding(_path, "Container server", _off)

_part := "A part of the command line of Prometheus cannot be told."

# findings, unknown
_cases := {
	"default": [_runs(["--web.max-connections=5"]), set(), set()],
	"on": [_runs(["--storage.tsdb.wal-compression"]), set(), set()],
	"off": [_runs(["--log.format=json", _off]), {_by_flag}, set()],
	"off, and more": [_runs(["$(MORE)", _off]), {_by_flag}, set()],
	"not known": [_runs(["$(MORE)"]), set(), {_part}],
	"operator": [_own({}), set(), set()],
	"on by the operator": [_own({"walCompression": true}), set(), set()],
	"off by the operator": [_own({"walCompression": false}), {_finding("/spec", "Prometheus k8s", "walCompression: false")}, set()],
}

test_verdict[note] if {
	some note, [document, want, untold] in _cases
	prometheus_wal_uncompressed.fail == want with input as document
	prometheus_wal_uncompressed.unknown == untold with input as document
	prometheus_wal_uncompressed.skip == set() with input as document
}

test_absent if {
	prometheus_wal_uncompressed.skip == {"It runs no Prometheus."} with input as object.union(_runs([]), {"containers": []})
}
