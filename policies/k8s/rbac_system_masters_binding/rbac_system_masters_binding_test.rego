package k8s.rbac_system_masters_binding_test

import data.k8s.rbac_system_masters_binding

_subject := {
	"index": 1,
	"kind": "Group",
	"name": "system:masters",
	"namespace": "",
	"sort": "masters",
	"known": true,
	"role": "ClusterRole reader",
	"gives": [{"verbs": ["get"]}],
	"total": 1,
	"writes": false,
	"single": false,
}

_of(change) := {"related": {"audience": {"ships": false, "subjects": [object.union(_subject, change)]}}}

_ships := {"related": {"audience": {"ships": true, "subjects": []}}}

test_finding if {
	rbac_system_masters_binding.fail == {{
		"path": "/subjects/1",
		"message": "ClusterRole reader is given to system:masters, whose members may do everything.",
		"evidence": {"role": "ClusterRole reader", "gives": [{"verbs": ["get"]}], "rights": 1},
	}} with input as _of({})
}

test_even_for_nothing if count(rbac_system_masters_binding.fail) == 1 with input as _of({"total": 0, "gives": [], "known": false})

test_others if {
	count(rbac_system_masters_binding.fail) == 0 with input as _of({"sort": "everybody"})
	count(rbac_system_masters_binding.skip) == 0 with input as _of({"sort": "everybody"})
}

test_ships if {
	rbac_system_masters_binding.skip == {"It ships with Kubernetes, and neither it nor its role has anything more."} with input as _ships
	count(rbac_system_masters_binding.fail) == 0 with input as _ships
}
