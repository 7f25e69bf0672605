package k8s.secret_legacy_token_test

import data.k8s.secret_legacy_token

_secret(labels, type) := {
	"meta": object.union(
		{"kind": "Secret", "name": "robot", "annotations": {"kubernetes.io/service-account.name": "ci"}},
		labels,
	),
	"spec": type,
}

_token := {"type": "kubernetes.io/service-account-token"}

_used := {"kubernetes.io/legacy-token-last-used": "2026-11-01"}

_start := "It holds a token of ServiceAccount ci that is valid until it is deleted"

# message, severity, evidence
_cases := {
	"no labels": [
		_secret({}, _token), sprintf("%s.", [_start]), "medium",
		{"account": "ci", "last_used": "", "invalid_since": ""},
	],
	"used": [
		_secret({"labels": _used}, _token), sprintf("%s; last used on 2026-11-01.", [_start]), "medium",
		{"account": "ci", "last_used": "2026-11-01", "invalid_since": ""},
	],
	"invalid": [
		_secret({"labels": object.union(_used, {"kubernetes.io/legacy-token-invalid-since": "2026-11-20"})}, _token),
		sprintf("%s; it counts as invalid since 2026-11-20, and will be deleted.", [_start]), "low",
		{"account": "ci", "last_used": "2026-11-01", "invalid_since": "2026-11-20"},
	],
}

test_token[note] if {
	some note, [document, message, severity, evidence] in _cases
	secret_legacy_token.fail == {{
		"path": "/type",
		"message": message,
		"severity": severity,
		"evidence": evidence,
	}} with input as document
}

test_nobody_is_named if {
	every meta in [{}, {"annotations": {}}] {
		found := secret_legacy_token.fail with input as {"meta": meta, "spec": _token}
		{one.evidence.account | some one in found} == {""}
	}
}

test_others if {
	every type in [{}, {"type": "Opaque"}] {
		secret_legacy_token.fail == set() with input as _secret({"labels": _used}, type)
	}
}
