package lib.age_test

import data.lib.age

_cases := [
	["2026-06-01T11:44:59Z", "15m", true],
	["2026-06-01T11:45:00Z", "15m", false],
	["2026-06-01T11:59:00Z", "15m", false],
	["2026-06-01T12:30:00Z", "15m", false],
	["2026-05-31T12:00:00+02:00", "24h", true],
]

_older(time, duration) if {
	age.older(time, duration) with input as {"now": "2026-06-01T12:00:00Z"}
} else := false

test_older[i] if {
	some i, [time, duration, want] in _cases
	_older(time, duration) == want
}
