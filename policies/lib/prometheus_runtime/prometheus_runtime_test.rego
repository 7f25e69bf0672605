package lib.prometheus_runtime_test

import data.lib.prometheus_runtime

_day := 86400000000000

_url := "http://metrics.example.com:9090"

_at := "2026-06-01T12:00:00Z"

_one(told) := {"url": _url, "at": _at, "told": told}

_with(spec, items) := {
	"meta": {"kind": "Prometheus", "name": "k8s", "created": "2026-01-01T12:00:00Z"},
	"spec": spec,
	"containers": [],
	"related": {"prometheus_runtime": items},
}

_says(told) := _with({}, [_one(told)])

test_answers if {
	answer := _one({"retention": "15d"})
	silent := {"url": "http://other.example.com", "at": _at, "failure": "nobody listens there"}
	document := _with({}, [answer, silent])
	prometheus_runtime.answers == [answer] with input as document
	prometheus_runtime.unanswered == {"http://other.example.com did not say: nobody listens there."} with input as document
}

test_nobody_asked if {
	prometheus_runtime.answers == [] with input as _with({}, [])
	prometheus_runtime.unanswered == {"No address of it is given; --prometheus NAMESPACE/NAME=URL gives one."} with input as _with({}, [])
}

test_all_answered if {
	prometheus_runtime.unanswered == set() with input as _says({"retention": ""})
}

test_limits[retention] if {
	some retention, limits in {
		"": {},
		"15d": {"time": 15 * _day},
		"1d12h": {"time": 1.5 * _day},
		"50GiB": {"size": 53687091200},
		"1GiB512MiB": {"size": 1610612736},
		"80%": {"percentage": 80},
		"0.5%": {"percentage": 0.5},
		"1e-05%": {"percentage": 0.00001},
		"15d or 50GiB": {"time": 15 * _day, "size": 53687091200},
		"15d or 50GiB or 80%": {"time": 15 * _day, "percentage": 80},
	}
	prometheus_runtime.limits({"retention": retention}) == limits
}

test_no_limits[retention] if {
	some retention in ["soon", "15d or soon", "-1d", "%", "x%", "1e+05%", "80%%"]
	not prometheus_runtime.limits({"retention": retention})
}

test_declared if {
	prometheus_runtime.declared == {"time": 15 * _day, "percentage": 80} with input as _with(_three, [])
	prometheus_runtime.declared_words == "15d or 1KB or 80%" with input as _with(_three, [])
	prometheus_runtime.declared == {"size": 1024} with input as _with({"retentionSize": "1KB"}, [])
	prometheus_runtime.declared_words == "1KB" with input as _with({"retentionSize": "1KB"}, [])
	prometheus_runtime.declared == {"time": _day} with input as _with({}, [])
	prometheus_runtime.declared_words == "24h" with input as _with({}, [])
}

_file(settings) := {
	"meta": {"kind": "Deployment", "name": "p"},
	"pod": {"spec": {"volumes": [{"name": "c", "configMap": {"name": "c"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/containers/0",
		"body": {
			"image": "prom/prometheus:v3.16.0",
			"args": ["--config.file=/c/p.yml"],
			"volumeMounts": [{"name": "c", "mountPath": "/c"}],
		},
	}],
	"related": {"configuration_files": {"total": 1, "items": settings}},
}

test_declared_for_ever if {
	read := {"container": "server", "volume": "c", "path": "/c/p.yml", "settings": {"storage": {"tsdb": {"retention": {}}}}}
	prometheus_runtime.declared_words == "ever, without a limit" with input as _file([read])
	prometheus_runtime.declared_words == "15d" with input as _file([])
}

test_declared_by_nobody if {
	silent := {"meta": {"kind": "Deployment", "name": "web"}, "pod": {"spec": {}}, "containers": [], "related": {}}
	prometheus_runtime.declared_words == "" with input as silent
}

_three := {"retention": "15d", "retentionSize": "1KB", "retentionPercentage": 80}

test_clear[note] if {
	some note, told in {
		"no metrics": {"retention": "15d"},
		"the same": {"retention": "15d", "limits": {"time": 1296000}},
		"no other": {"retention": "15d or 1KiB or 80%", "limits": {"time": 1296000, "size": 1024, "percentage": 80}},
		"nothing": {"retention": "", "limits": {"time": 0, "size": 0, "percentage": 0}},
	}
	prometheus_runtime.unclear == {} with input as _says(told)
}

test_unclear_limits[note] if {
	some note, limits in {
		"time": {"time": 1296001, "size": 1024, "percentage": 80},
		"no time": {"time": 0, "size": 1024, "percentage": 80},
		"size": {"time": 1296000, "size": 1025, "percentage": 80},
		"percentage": {"time": 1296000, "size": 1024, "percentage": 81},
		"two": {"time": 1, "size": 1},
	}
	says := `http://metrics.example.com:9090 says that it keeps "15d or 1KiB or 80%", and its database has other limits.`
	prometheus_runtime.unclear == {_url: says} with input as _says({"retention": "15d or 1KiB or 80%", "limits": limits})
}

test_unclear_retention if {
	says := `http://metrics.example.com:9090 says that it keeps "soon", which is no limit.`
	prometheus_runtime.unclear == {_url: says} with input as _says({"retention": "soon", "limits": {"time": 1}})
}

test_words if {
	prometheus_runtime.words({"retention": "15d"}) == "15d"
	prometheus_runtime.words({"retention": ""}) == "ever, without a limit"
}

# required, retention, oldest: too short
_histories := {
	"as asked for": [30, "1y", "2026-05-02T12:00:00Z", false],
	"a block less": [30, "1y", "2026-05-05T12:00:00Z", false],
	"less than that": [30, "1y", "2026-05-05T12:00:01Z", true],
	"all that is kept": [30, "10d", "2026-05-22T12:00:00Z", false],
	"a block of what is kept": [30, "10d", "2026-05-23T12:00:00Z", false],
	"less than that is": [30, "10d", "2026-05-23T12:00:01Z", true],
	"without a limit": [30, "", "2026-05-05T12:00:01Z", true],
	"without a limit of the time": [30, "50GiB", "2026-05-05T12:00:00Z", false],
	"the longest block": [1000, "", "2023-10-06T12:00:00Z", false],
	"less than the longest block": [1000, "", "2023-10-06T12:00:01Z", true],
	"what is no limit": [30, "soon", "2026-05-31T12:00:00Z", false],
}

test_short[note] if {
	some note, [days, retention, oldest, found] in _histories
	answers := prometheus_runtime.short(days * _day) with input as _says({"retention": retention, "oldest": oldest})
	count(answers) == 1 == found
}

test_no_oldest if {
	prometheus_runtime.short(30 * _day) == [] with input as _says({"retention": "1y"})
}

test_short_of_another_program if {
	told := {"retention": "1y", "oldest": "2026-05-31T12:00:00Z"}
	prometheus_runtime.short(30 * _day) == [] with input as object.union(_says(told), {"meta": {"kind": "Deployment"}})
	count(prometheus_runtime.short(30 * _day)) == 1 with input as _says(told)
}

_claim(volume, created) := {"volume": volume, "name": volume, "created": created}

_claimed(claims) := object.union(
	_with({"storage": {"volumeClaimTemplate": {}}}, []),
	{"related": {"volume_claims": {"total": count(claims), "items": claims}}},
)

_mounting(volumes, claims) := {
	"meta": {"kind": "Deployment", "name": "metrics", "created": "2026-01-01T12:00:00Z"},
	"spec": {},
	"pod": {"spec": {"volumes": volumes}},
	"containers": [{"name": "metrics", "role": "app", "path": "/spec/template/spec/containers/0", "body": {
		"image": "prom/prometheus:v3.16.0",
		"volumeMounts": [{"name": "data", "mountPath": "/prometheus"}],
	}}],
	"related": {"prometheus_runtime": [], "volume_claims": {"total": count(claims), "items": claims}},
}

_mounted := [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]

test_age[note] if {
	some note, [document, days] in {
		"its own": [_with({}, []), 151],
		"that of its claim": [_claimed([_claim("a", "2026-05-01T12:00:00Z")]), 31],
		"that of its youngest claim": [_claimed([_claim("a", "2026-05-01T12:00:00Z"), _claim("b", "2026-05-31T12:00:00Z")]), 1],
		"of a workload": [_mounting([{"name": "data", "emptyDir": {}}], []), 151],
		"of the claim of a workload": [_mounting(_mounted, [_claim("data", "2026-05-01T12:00:00Z"), _claim("logs", "2026-05-31T12:00:00Z")]), 31],
	}
	prometheus_runtime.age(_at) == days * _day with input as document
}

test_no_age[note] if {
	some note, document in {
		"no claim is seen": _claimed([]),
		"one is not": _claimed([_claim("a", "2026-05-01T12:00:00Z"), {"volume": "b", "name": "b"}]),
		"that of the samples is not": _mounting(_mounted, [_claim("logs", "2026-05-31T12:00:00Z")]),
		"it is not there yet": object.union(_with({}, []), {"meta": {"created": ""}}),
	}
	not prometheus_runtime.age(_at) with input as document
}

test_no_time_is_made_of_nothing if {
	not prometheus_runtime._since with input as object.union(_with({}, []), {"meta": {"created": ""}})
}

_has(oldest) := _one({"retention": "50GiB", "oldest": oldest})

test_reaches[note] if {
	some note, [items, found] in {
		"far enough": [[_has("2026-05-02T12:00:00Z")], true],
		"not far enough": [[_has("2026-05-02T12:00:01Z")], false],
		"one of two": [[_has("2026-05-02T12:00:00Z"), _has("2026-05-02T12:00:01Z")], false],
		"no samples": [[_one({"retention": "50GiB"})], false],
		"nobody asked": [[], false],
		"one is silent": [[_has("2026-05-02T12:00:00Z"), {"url": "http://c", "at": _at, "failure": "no"}], false],
	}
	reached := [1 | prometheus_runtime.reaches(30 * _day)] with input as _with({}, items)
	count(reached) == 1 == found
}

test_reaches_nothing_without_the_relation if {
	not prometheus_runtime.reaches(30 * _day) with input as object.remove(_with({}, []), ["related"])
}
