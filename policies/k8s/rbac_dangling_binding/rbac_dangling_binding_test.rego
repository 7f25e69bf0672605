package k8s.rbac_dangling_binding_test

import data.k8s.rbac_dangling_binding

_of(dangling) := {"now": "2026-06-01T12:00:00Z", "related": {"dangling": dangling}}

_old := "2026-05-31T11:00:00Z"

_young := "2026-05-31T13:00:00Z"

_account := {"index": 1, "namespace": "shop", "name": "web"}

test_role if {
	rbac_dangling_binding.fail == {{
		"path": "/roleRef",
		"message": "Role shop/reader does not exist.",
		"evidence": {"role": "Role shop/reader"},
	}} with input as _of({"role": "Role shop/reader", "created": _old})
}

test_account if {
	rbac_dangling_binding.fail == {{
		"path": "/subjects/1",
		"message": "ServiceAccount shop/web does not exist.",
		"evidence": {"namespace": "shop", "name": "web"},
	}} with input as _of({"accounts": [_account], "created": _old})
	count(rbac_dangling_binding.skip) == 0 with input as _of({"accounts": [_account], "created": _old})
}

test_both if count(rbac_dangling_binding.fail) == 2 with input as _of({"role": "ClusterRole reader", "accounts": [_account], "created": _old})

test_young if {
	document := _of({"role": "Role shop/reader", "accounts": [_account], "created": _young})
	rbac_dangling_binding.skip == {"It is younger than 24h: what it names may be on its way."} with input as document
	count(rbac_dangling_binding.fail) == 0 with input as document
}

test_ships if {
	rbac_dangling_binding.skip == {"It ships with Kubernetes, which makes what it names when it is needed."} with input as _of({"ships": true})
}

test_whole if {
	count(rbac_dangling_binding.fail) == 0 with input as _of({})
	count(rbac_dangling_binding.skip) == 0 with input as _of({})
}
