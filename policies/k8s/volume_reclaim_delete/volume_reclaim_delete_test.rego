package k8s.volume_reclaim_delete_test

import data.k8s.volume_reclaim_delete

_document(image, total, items) := {
	"cluster": {"live": true},
	"pod": {"path": "/spec/template/spec", "spec": {}},
	"containers": [{"name": "db", "path": "/spec/template/spec/containers/0", "body": {"image": image}}],
	"related": {"volume_claims": {"total": total, "items": items}},
}

_claim(more) := object.union({"volume": "data", "name": "data-db-0", "capacity": "1Gi"}, more)

_deleted := {"reclaimPolicy": "Delete", "storageClass": "fast"}

_skip := "None of its containers keeps data that must outlive the pods on a claim."

_untold := "Whether the data of claim data-db-0 outlives it is not known."

# messages, skip, unknown
_cases := {
	"deleted": [_document("postgres:17", 1, [_claim(_deleted)]), ["The data of claim data-db-0 is deleted with it."], [], []],
	"predicted": [
		_document("a.example.com:5000/b/postgres", 1, [_claim(object.union(_deleted, {"predicted": true}))]),
		["The data of claim data-db-0 is deleted with it, as its class fast has it."], [], [],
	],
	"retained": [_document("postgres:17", 1, [_claim({"reclaimPolicy": "Retain"})]), [], [], []],
	"not known": [_document("postgres:17", 1, [_claim({})]), [], [], [_untold]],
	"many": [_document("postgres:17", 30, [_claim({"reclaimPolicy": "Retain"})]), [], [], ["Only 1 of its 30 claims are seen."]],
	"no claims": [_document("postgres:17", 0, []), [], [_skip], []],
	"another image": [_document("postgres/cache:17", 2, [_claim(_deleted), _claim({"name": "x"})]), [], [_skip], []],
	"another image with many": [_document("cache:17", 30, [_claim(_deleted)]), [], [_skip], []],
	"another image, not known": [_document("cache:17", 1, [_claim({})]), [], [_skip], []],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	{one.message | some one in volume_reclaim_delete.fail} == {one | some one in messages} with input as document
	volume_reclaim_delete.skip == {one | some one in skipped} with input as document
	volume_reclaim_delete.unknown == {one | some one in untold} with input as document
}

test_manifests if {
	known := _document("postgres:17", 1, [_claim(_deleted)])
	document := json.patch(
		_document("postgres:17", 2, [_claim({}), _claim({"name": "x", "reclaimPolicy": "Retain"})]),
		[{"op": "replace", "path": "/cluster/live", "value": false}],
	)
	volume_reclaim_delete.unknown == set() with input as document
	volume_reclaim_delete.skip == {"What becomes of the data of claim data-db-0 is decided in the cluster."} with input as document
	volume_reclaim_delete.skip == set() with input as object.union(known, {"cluster": {"live": false}})
	volume_reclaim_delete.skip == set() with input as object.union(
		_document("postgres:17", 3, [_claim({}), _claim({"name": "x", "reclaimPolicy": "Delete"})]),
		{"cluster": {"live": false}},
	)
	volume_reclaim_delete.skip == set() with input as object.union(
		_document("postgres:17", 3, [_claim({})]),
		{"cluster": {"live": false}},
	)
	count(volume_reclaim_delete.skip) == 1 with input as object.union(
		_document("postgres:17", 1, [_claim({})]),
		{"cluster": {"live": false}},
	)
}

test_finding if {
	volume_reclaim_delete.fail == {{
		"path": "/spec/template/spec",
		"key": "data-db-0",
		"message": "The data of claim data-db-0 is deleted with it, as its class fast has it.",
		"evidence": {"name": "data-db-0", "reclaimPolicy": "Delete", "storageClass": "fast", "predicted": true},
	}} with input as _document("etcd", 1, [_claim(object.union(_deleted, {"predicted": true}))])
}

test_images if {
	count(volume_reclaim_delete.fail) == 1 with input as _document("cache", 1, [_claim(_deleted)])
		with data.parameters.volume_reclaim_delete as {"images": ["cache"]}
}
