package k8s.default_service_account_used_test

import data.k8s.default_service_account_used
import data.lib.example

_document(case) := object.union(example.document(case), {
	"pod": {"spec": {"serviceAccountName": object.get(case, "name", "default")}},
	"related": {"service_account": object.get(case, "account", {"found": true, "name": "default"})},
})

_no := {"automountServiceAccountToken": false}

_volume(name, source) := {"name": name, "projected": {"sources": [{"configMap": {"name": "ca"}}, source]}}

_token := {"serviceAccountToken": {"path": "token", "audience": "vault"}}

_none := "No token of it is mounted."

_static := "It is a static pod, made from a file of its node: such pods have no ServiceAccount."

_mirror := {"kubernetes.io/config.mirror": "x"}

# the tokens that are found, and why it is skipped
_cases := {
	"mounted": [{"bodies": [{}]}, {"automountServiceAccountToken"}, set()],
	"own account": [{"bodies": [{}], "name": "web"}, set(), set()],
	"own account without a token": [{"bodies": [{}], "name": "web", "spec": _no}, set(), set()],
	"not mounted": [{"bodies": [{}], "spec": _no}, set(), {_none}],
	"not mounted by the account": [{"bodies": [{}], "account": _no}, set(), {_none}],
	"no container for it": [{"bodies": []}, set(), {_none}],
	"projected": [
		{"bodies": [{}], "spec": object.union(_no, {"volumes": [_volume("vault", _token)]})},
		{"volume vault"},
		set(),
	],
	"projected, and mounted": [
		{"bodies": [{}], "spec": {"volumes": [_volume("vault", _token)]}},
		{"automountServiceAccountToken", "volume vault"},
		set(),
	],
	"token of a live pod": [
		{"bodies": [{}], "spec": object.union(_no, {"volumes": [_volume("kube-api-access-x7k2p", _token)]})},
		set(),
		{_none},
	],
	"other volumes": [
		{"bodies": [{}], "spec": object.union(_no, {"volumes": [{"name": "tmp"}, _volume("ca", {"secret": {}})]})},
		set(),
		{_none},
	],
	"static": [{"bodies": [{}], "annotations": _mirror}, set(), {_static}],
	"static without a token": [{"bodies": [{}], "annotations": _mirror, "spec": _no}, set(), {_static}],
}

_verdict := [
	count(default_service_account_used.fail),
	{token | some finding in default_service_account_used.fail; some token in finding.evidence.tokens},
	default_service_account_used.skip,
]

test_verdict[note] if {
	some note, [case, tokens, skips] in _cases
	verdict := _verdict with input as _document(case)
	verdict == [min([1, count(tokens)]), tokens, skips]
}

test_finding if {
	default_service_account_used.fail == {{
		"path": "/spec/template/spec/serviceAccountName",
		"message": "Its pods run as the ServiceAccount default of their namespace, and a token of it is mounted.",
		"evidence": {"serviceAccount": "default", "tokens": {"automountServiceAccountToken"}},
	}} with input as _document({"bodies": [{}]})
}
