package lib.duration_test

import data.lib.duration

_hour := 3600000000000

_prometheus := {
	"0": 0,
	"0s": 0,
	"00d": 0,
	"1ms": 1000000,
	"1s": 1000000000,
	"1m": 60000000000,
	"1h": _hour,
	"1d": 24 * _hour,
	"015d": (15 * 24) * _hour,
	"1w": (7 * 24) * _hour,
	"1y": (365 * 24) * _hour,
	"1h30m": 5400000000000,
	"1y2w3d4h5m6s7ms": 33019506007000000,
	"5m1ms": 300001000000,
	"9223372036854ms": 9223372036854000000,
	"000000000000000000001h": _hour,
}

test_prometheus[text] if {
	some text, want in _prometheus
	duration.prometheus(text) == want
}

test_no_prometheus[text] if {
	some text in ["", "d", "15", "15 d", "1.5h", "-1d", "+1d", "1h1d", "1d1d", "1D", "x1d", "1dx", "1us", "9223372036855ms", "300y", "1$(A)d"]
	not duration.prometheus(text)
}

_go := {
	"0": 0,
	"+0": 0,
	"0h": 0,
	"120h": 120 * _hour,
	"+1h": _hour,
	"0120h": 120 * _hour,
	"1.5h": 5400000000000,
	"1.h": _hour,
	".5h": 1800000000000,
	"0.25s": 250000000,
	"1h1h": 2 * _hour,
	"1m1h": 3660000000000,
	"1ns": 1,
	"1.9ns": 1,
	"1us": 1000,
	"1µs": 1000,
	"1μs": 1000,
	"1ms": 1000000,
	"1s": 1000000000,
	"1m": 60000000000,
	"9223372036854775807ns": 9223372036854775807,
}

test_go[text] if {
	some text, want in _go
	duration.go(text) == want
}

test_no_go[text] if {
	some text in ["", "h", ".h", "5d", "1w", "120", "-1h", "1 h", "x1h", "1hx", "1..5h", "1H", "9223372036854775808ns", "2562048h", "-0", "0x"]
	not duration.go(text)
}
