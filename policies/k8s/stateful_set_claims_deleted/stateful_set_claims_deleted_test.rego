package k8s.stateful_set_claims_deleted_test

import data.k8s.stateful_set_claims_deleted

_set(image, meta, spec) := {
	"meta": object.union({"kind": "StatefulSet", "name": "db"}, meta),
	"spec": object.union({"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}, spec),
	"pod": {"path": "/spec/template/spec", "spec": {}},
	"containers": [{"name": "db", "path": "/spec/template/spec/containers/0", "body": {"image": image}}],
}

_own(kind, spec) := {"meta": {"kind": kind, "name": "k8s"}, "spec": spec, "pod": {"spec": {}}, "containers": []}

_policy(deleted, scaled) := {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": deleted, "whenScaled": scaled}}

_stored(deleted, scaled) := object.union(_policy(deleted, scaled), {"storage": {"volumeClaimTemplate": {}}})

_owned(group) := {"controller": {"apiVersion": sprintf("%s/v1", [group]), "kind": "Prometheus", "name": "k8s"}}

_instead := "It is made from Prometheus k8s, which is judged instead."

_other := "None of its images is among those whose data must outlive the pods."

# document, fields that fail, reasons
_cases := {
	"kept": [_set("postgres:17", {}, _policy("Retain", "Retain")), set(), set()],
	"nothing said": [_set("postgres:17", {}, {}), set(), set()],
	"deleted": [_set("postgres:17", {}, _policy("Delete", "Retain")), {"whenDeleted"}, set()],
	"scaled": [_set("postgres:17", {}, _policy("Retain", "Delete")), {"whenScaled"}, set()],
	"both": [_set("registry.example.com:5000/a/postgres@sha256:1", {}, _policy("Delete", "Delete")), {"whenDeleted", "whenScaled"}, set()],
	"no claims": [_set("postgres:17", {}, object.union(_policy("Delete", "Delete"), {"volumeClaimTemplates": []})), set(), {"It makes no claims."}],
	"other image": [_set("example.com/postgres/cache:1", {}, _policy("Delete", "Delete")), set(), {_other}],
	"made by the operator": [_set("prometheus:v3", _owned("monitoring.coreos.com"), _policy("Delete", "Delete")), set(), {_instead}],
	"made by another": [_set("prometheus:v3", _owned("example.com"), _policy("Delete", "Retain")), {"whenDeleted"}, set()],
	"prometheus": [_own("Prometheus", _stored("Delete", "Retain")), {"whenDeleted"}, set()],
	"alertmanager": [_own("Alertmanager", _stored("Retain", "Delete")), {"whenScaled"}, set()],
	"prometheus without a claim": [_own("Prometheus", _policy("Delete", "Retain")), set(), {"It makes no claims."}],
	"prometheus that says nothing": [_own("Prometheus", {"storage": {"volumeClaimTemplate": {}}}), set(), set()],
}

test_verdict[note] if {
	some note, [document, fields, skipped] in _cases
	fields == {field | some finding in stateful_set_claims_deleted.fail; some field, _ in finding.evidence} with input as document
	stateful_set_claims_deleted.skip == skipped with input as document
}

test_images if {
	stateful_set_claims_deleted.skip == set() with input as _set("cache", {}, {})
		with data.parameters.stateful_set_claims_deleted as {"images": ["cache"]}
}

_finding(field, occasion) := {
	"path": sprintf("/spec/persistentVolumeClaimRetentionPolicy/%s", [field]),
	"message": sprintf("The claims of StatefulSet db are deleted %s.", [occasion]),
	"evidence": {field: "Delete"},
	"patch": [{
		"op": "replace",
		"path": sprintf("/spec/persistentVolumeClaimRetentionPolicy/%s", [field]),
		"value": "Retain",
	}],
}

test_finding if {
	found := stateful_set_claims_deleted.fail with input as _set("etcd:v3.6.1", {}, _policy("Delete", "Delete"))
	found == {_finding("whenDeleted", "when it is deleted"), _finding("whenScaled", "when it is scaled down")}
}
