package lib.rollout_test

import data.lib.rollout

_percents := {"0%": 0, "00%": 0, "1%": 1, "25%": 25, "007%": 7, "100%": 100, "250%": 250}

test_percent[value] if {
	some value, want in _percents
	rollout.percent(value) == want
}

test_no_percentage[value] if {
	some value in {"", "%", "25", "25 %", " 25%", "25%%", "-5%", "2.5%", "1e1%", "max", null, true}
	not rollout.percent(value)
	not rollout.up(value, 4)
	not rollout.down(value, 4)
}

test_integer_is_no_percentage if not rollout.percent(25)

# what is asked, of how many: rounded up, rounded down
_amounts := [
	[0, 3, 0, 0],
	[1, 3, 1, 1],
	[5, 3, 5, 5],
	[1, 0, 1, 1],
	["0%", 3, 0, 0],
	["1%", 1, 1, 0],
	["1%", 3, 1, 0],
	["25%", 1, 1, 0],
	["25%", 3, 1, 0],
	["25%", 4, 1, 1],
	["25%", 5, 2, 1],
	["33%", 3, 1, 0],
	["34%", 3, 2, 1],
	["50%", 1, 1, 0],
	["50%", 2, 1, 1],
	["90%", 3, 3, 2],
	["90%", 9, 9, 8],
	["90%", 10, 9, 9],
	["99%", 100, 99, 99],
	["99%", 101, 100, 99],
	["100%", 0, 0, 0],
	["100%", 7, 7, 7],
	["7%", 10000000, 700000, 700000],
	["7%", 10000001, 700001, 700000],
]

test_amount[case] if {
	some case in _amounts
	[value, total, up, down] := case
	rollout.up(value, total) == up
	rollout.down(value, total) == down
}

# replicas, maxSurge, maxUnavailable: surge, unavailable
_fenceposts := [
	[1, "25%", "25%", 1, 0],
	[2, "25%", "25%", 1, 0],
	[4, "25%", "25%", 1, 1],
	[10, "25%", "25%", 3, 2],
	[3, 0, "100%", 0, 3],
	[3, 0, 5, 0, 5],
	[3, 0, "25%", 0, 1],
	[3, 0, 0, 0, 1],
	[2, "0%", "1%", 0, 1],
	[3, 1, 0, 1, 0],
	[3, "1%", "1%", 1, 0],
	[3, 0, 2, 0, 2],
	[0, "25%", "25%", 0, 1],
]

test_fenceposts[case] if {
	some case in _fenceposts
	[replicas, max_surge, max_unavailable, surge, unavailable] := case
	{"surge": surge, "unavailable": unavailable} == rollout.fenceposts(replicas, max_surge, max_unavailable)
}
