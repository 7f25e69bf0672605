package lib.audience_test

import data.lib.audience

_subject := {"index": 2, "name": "a", "sort": "everybody", "known": true, "role": "Role r", "gives": [], "total": 1}

_of(change) := {"related": {"audience": {"ships": false, "subjects": [object.union(_subject, change)]}}}

test_of if {
	audience.of("everybody") == {_subject} with input as _of({})
	audience.of("anonymous") == set() with input as _of({})
}

test_given if {
	audience.given("everybody") == {_subject} with input as _of({})
	audience.given("anonymous") == set() with input as _of({})
	audience.given("everybody") == set() with input as _of({"total": 0})
}

test_unknown if {
	audience.unknown("everybody") == set() with input as _of({})
	audience.unknown("anonymous") == set() with input as _of({"known": false})
	audience.unknown("everybody") == {"Role r is not among the manifests: what it gives a is not known."} with input as _of({"known": false})
}

test_ships if {
	audience.ships == "It ships with Kubernetes, and neither it nor its role has anything more." with input as {"related": {"audience": {"ships": true}}}
	not audience.ships with input as _of({})
}

test_finding if {
	audience.finding(_subject, "so it is", {"severity": "high"}) == {
		"path": "/subjects/2",
		"message": "so it is",
		"severity": "high",
		"evidence": {"role": "Role r", "gives": [], "rights": 1},
	}
}
