package k8s.rbac_unauthenticated_test

import data.k8s.rbac_unauthenticated

_subject := {
	"index": 1,
	"kind": "Group",
	"name": "system:unauthenticated",
	"namespace": "",
	"sort": "anonymous",
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
	rbac_unauthenticated.fail == {{
		"path": "/subjects/1",
		"message": "Who has not logged in is given ClusterRole reader.",
		"severity": "critical",
		"evidence": {"role": "ClusterRole reader", "gives": [{"verbs": ["get"]}], "rights": 1},
	}} with input as _of({})
}

test_free[note] if {
	some note, change in {
		"another sort": {"sort": "everybody"},
		"nothing more than all have": {"total": 0},
	}
	count(rbac_unauthenticated.fail) == 0 with input as _of(change)
	count(rbac_unauthenticated.unknown) == 0 with input as _of(change)
	count(rbac_unauthenticated.skip) == 0 with input as _of(change)
}

test_unknown_role if {
	rbac_unauthenticated.unknown == {"ClusterRole reader is not among the manifests: what it gives system:unauthenticated is not known."} with input as _of({"known": false, "total": 0})
}

test_ships if {
	rbac_unauthenticated.skip == {"It ships with Kubernetes, and neither it nor its role has anything more."} with input as _ships
	count(rbac_unauthenticated.fail) == 0 with input as _ships
}

test_single_objects if {
	{one.severity | some one in rbac_unauthenticated.fail} == {"medium"} with input as _of({"single": true})
}
