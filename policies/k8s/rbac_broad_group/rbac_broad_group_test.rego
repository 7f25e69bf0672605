package k8s.rbac_broad_group_test

import data.k8s.rbac_broad_group

_subject := {
	"index": 1,
	"kind": "Group",
	"name": "system:authenticated",
	"namespace": "",
	"sort": "everybody",
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
	rbac_broad_group.fail == {{
		"path": "/subjects/1",
		"message": "All of system:authenticated are given ClusterRole reader.",
		"severity": "high",
		"evidence": {"role": "ClusterRole reader", "gives": [{"verbs": ["get"]}], "rights": 1},
	}} with input as _of({})
}

test_free[note] if {
	some note, change in {
		"another sort": {"sort": "anonymous"},
		"nothing more than all have": {"total": 0},
	}
	count(rbac_broad_group.fail) == 0 with input as _of(change)
	count(rbac_broad_group.unknown) == 0 with input as _of(change)
	count(rbac_broad_group.skip) == 0 with input as _of(change)
}

test_unknown_role if {
	rbac_broad_group.unknown == {"ClusterRole reader is not among the manifests: what it gives system:authenticated is not known."} with input as _of({"known": false, "total": 0})
}

test_ships if {
	rbac_broad_group.skip == {"It ships with Kubernetes, and neither it nor its role has anything more."} with input as _ships
	count(rbac_broad_group.fail) == 0 with input as _ships
}

test_writes if {
	{one.severity | some one in rbac_broad_group.fail} == {"critical"} with input as _of({"writes": true})
}
