package k8s.rbac_default_account_bound_test

import data.k8s.rbac_default_account_bound

_subject := {
	"index": 1,
	"kind": "Group",
	"name": "system:serviceaccounts:shop",
	"namespace": "",
	"sort": "accounts",
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
	rbac_default_account_bound.fail == {{
		"path": "/subjects/1",
		"message": "Group system:serviceaccounts:shop is given ClusterRole reader, and so is every pod that names no ServiceAccount.",
		"evidence": {"role": "ClusterRole reader", "gives": [{"verbs": ["get"]}], "rights": 1},
	}} with input as _of({})
}

test_free[note] if {
	some note, change in {
		"another sort": {"sort": "everybody"},
		"nothing more than all have": {"total": 0},
	}
	count(rbac_default_account_bound.fail) == 0 with input as _of(change)
	count(rbac_default_account_bound.unknown) == 0 with input as _of(change)
	count(rbac_default_account_bound.skip) == 0 with input as _of(change)
}

test_unknown_role if {
	rbac_default_account_bound.unknown == {"ClusterRole reader is not among the manifests: what it gives system:serviceaccounts:shop is not known."} with input as _of({"known": false, "total": 0})
}

test_ships if {
	rbac_default_account_bound.skip == {"It ships with Kubernetes, and neither it nor its role has anything more."} with input as _ships
	count(rbac_default_account_bound.fail) == 0 with input as _ships
}

test_account if {
	account := {"kind": "ServiceAccount", "namespace": "shop", "name": "default"}
	messages := {one.message | some one in rbac_default_account_bound.fail} with input as _of(account)
	messages == {"ServiceAccount shop/default is given ClusterRole reader, and so is every pod that names no ServiceAccount."}
}
