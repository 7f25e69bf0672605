package k8s.hpa_replicas_conflict_test

import data.k8s.hpa_replicas_conflict

_scaler := {"name": "web", "min": 2, "max": 9}

_scaled := object.union(_scaler, {"scaled": "2026-06-01T10:00:00Z"})

_entry(manager, operation) := {"manager": manager, "operation": operation, "time": "2026-06-01T09:00:00Z"}

_scale := {"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale"}

_document(scalers, set_by) := {
	"meta": {
		"namespace": "shop",
		"created": "2026-06-01T09:00:00Z",
		"set_by": {"replicas": set_by},
	},
	"related": {"replicas": {"autoscalers": {"total": count(scalers), "items": scalers}}},
}

_created := {"managers": [_entry("kubectl-create", "Update")]}

_applied := {"managers": [_entry("argocd", "Apply")]}

_cases := {
	"nobody": [[_scaler], {}, set()],
	"created, never scaled": [[_scaler], _created, set()],
	"scaled": [[_scaled], {"managers": [_scale]}, set()],
	"scaled, then set": [[_scaled], _created, {["kubectl-create has set its replicas after it scaled", "low"]}],
	"scaled before it was made anew": [
		[object.union(_scaler, {"scaled": "2026-06-01T09:00:00Z"})],
		_created,
		set(),
	],
	"another one has scaled": [
		[_scaler, _scaled],
		_created,
		{["kubectl-create has set its replicas after it scaled", "low"]},
	],
	"applied": [[_scaler], _applied, {["argocd applies a number of replicas", "medium"]}],
	"applied to the scale": [
		[_scaler],
		{"managers": [object.union(_entry("keda", "Apply"), {"subresource": "scale"})]},
		set(),
	],
	"last applied": [[_scaler], {"applied": 3}, {["kubectl apply sets 3 replicas each time", "medium"]}],
	"last applied 0, and applied": [
		[_scaler],
		object.union(_applied, {"applied": 0}),
		{["kubectl apply sets 0 replicas each time", "medium"]},
	],
	"manifest": [[_scaler], {"declared": 3}, {["its manifest sets 3 replicas", "medium"]}],
	"no autoscaler": [[], {"applied": 3}, set()],
}

test_verdict[note] if {
	some note, [scalers, set_by, want] in _cases
	found := {[trim_suffix(trim_prefix(finding.message, "HorizontalPodAutoscaler web scales it, and "), "."), finding.severity] |
		some finding in hpa_replicas_conflict.fail
	} with input as _document(scalers, set_by)
	found == want
}

test_nothing_is_known if {
	hpa_replicas_conflict.fail == set() with input as object.remove(_document([_scaled], {}), ["meta"])
}

test_skip if {
	hpa_replicas_conflict.skip == {"No HorizontalPodAutoscaler targets it."} with input as _document([], {})
	hpa_replicas_conflict.skip == set() with input as _document([_scaler], {})
}

test_finding if {
	hpa_replicas_conflict.fail == {{
		"path": "/spec/replicas",
		"message": "HorizontalPodAutoscaler web scales it, and kubectl apply sets 3 replicas each time.",
		"severity": "medium",
		"evidence": {"autoscalers": ["web"], "set_by": {"applied": 3}},
		"related": [{"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "web"}],
	}} with input as _document([_scaler], {"applied": 3})
}
