package k8s.prometheus_history_short_test

import data.k8s.prometheus_history_short

_at := "2026-06-01T12:00:00Z"

_since(name, oldest) := {"url": sprintf("http://%s", [name]), "at": _at, "told": {"retention": "1y", "oldest": oldest}}

_empty := {"url": "http://a", "at": _at, "told": {"retention": "1y"}}

_silent := {"url": "http://c", "at": _at, "failure": "nobody listens there"}

_of(created, items) := {
	"meta": {"kind": "Prometheus", "name": "k8s", "created": created},
	"spec": {},
	"containers": [],
	"related": {"prometheus_runtime": items},
}

_old(items) := _of("2026-01-01T12:00:00Z", items)

_young(items) := _of("2026-05-20T12:00:00Z", items)

_long := "2026-01-02T12:00:00Z"

_short := "2026-05-25T12:00:00Z"

_says := "Prometheus k8s has no samples from before 2026-05-25T12:00:00Z."

_not_yet := "It is not there for long enough."

_untold := "http://a does not tell since when it has samples."

_unclear := `http://a says that it keeps "soon", which is no limit.`

_volume := "Since when it has its volume is not known."

_soon := {"url": "http://a", "at": _at, "told": {"retention": "soon", "oldest": _long}}

# messages, skip, unknown
_cases := {
	"long enough": [_old([_since("a", _long)]), [], [], []],
	"too short": [_old([_since("a", _short)]), [_says], [], []],
	"one of two too short": [_old([_since("a", _long), _since("b", _short)]), [_says], [], []],
	"both too short": [_old([_since("a", _short), _since("b", _short)]), [_says], [], []],
	"young": [_young([_since("a", _short)]), [], [_not_yet], []],
	"just as young": [_of("2026-05-02T12:00:00Z", [_since("a", _short)]), [], [_not_yet], []],
	"young, and long enough": [_young([_since("a", _long)]), [], [], []],
	"young, and silent": [_young([_since("a", _short), _silent]), [], [], ["http://c did not say: nobody listens there."]],
	"of unknown age": [_of("", [_since("a", _short)]), [], [], [_volume]],
	"of unknown age, and long enough": [_of("", [_since("a", _long)]), [], [], []],
	"empty": [_old([_empty]), [], [], [_untold]],
	"unclear": [_old([_soon]), [], [], [_unclear]],
	"silent": [_old([_silent]), [], [], ["http://c did not say: nobody listens there."]],
	"silent, and too short": [_old([_since("a", _short), _silent]), [_says], [], ["http://c did not say: nobody listens there."]],
	"other program": [object.union(_old([_since("b", _short), _empty, _soon, _silent]), {"meta": {"kind": "Deployment"}}), [], ["It runs no Prometheus."], []],
	"young other program": [object.union(_of("", [_since("b", _short)]), {"meta": {"kind": "Deployment"}}), [], ["It runs no Prometheus."], []],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	{one.message | some one in prometheus_history_short.fail} == {one | some one in messages} with input as document
	prometheus_history_short.skip == {one | some one in skipped} with input as document
	prometheus_history_short.unknown == {one | some one in untold} with input as document
}

test_finding if {
	answer := {"url": "http://a", "at": _at, "told": {"retention": "1y", "oldest": _short, "by_size": 3, "version": "3.16.0"}}
	prometheus_history_short.fail == {{
		"path": "/spec",
		"key": "http://a",
		"message": _says,
		"evidence": {"url": "http://a", "at": _at, "retention": "1y", "oldest": _short, "by_size": 3},
	}} with input as _old([answer])
}

test_required[required] if {
	some required, number in {"5d": 0, "1w": 0, "8d": 1}
	count(prometheus_history_short.fail) == number with input as _old([_since("a", _short)])
		with data.parameters.prometheus_history_short as {"required": required}
}
