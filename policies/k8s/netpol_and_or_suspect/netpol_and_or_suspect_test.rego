package k8s.netpol_and_or_suspect_test

import data.k8s.netpol_and_or_suspect

_spaces := {"namespaceSelector": {"matchLabels": {"team": "a"}}}

_pods := {"podSelector": {"matchLabels": {"app": "web"}}}

_own := {"podSelector": {}}

_block := {"ipBlock": {"cidr": "192.0.2.0/24"}}

# peers, positions of findings
_cases := {
	"namespaces first": [[_spaces, _pods], {0}],
	"pods first": [[_block, _pods, _spaces], {1}],
	"three": [[_spaces, _pods, _spaces], {0, 1}],
	"all namespaces": [[{"namespaceSelector": {}}, _pods], {0}],
	"one item": [[object.union(_spaces, _pods)], set()],
	"both in one, and one more": [[object.union(_spaces, _pods), _pods], set()],
	"the whole own namespace": [[_spaces, _own], set()],
	"apart": [[_spaces, _block, _pods], set()],
	"namespaces alone": [[_spaces, _spaces], set()],
	"pods alone": [[_pods, _pods], set()],
	"none": [[], set()],
}

test_ingress[note] if {
	some note, [peers, places] in _cases
	found := {one.path | some one in netpol_and_or_suspect.fail} with input as {"spec": {"ingress": [{}, {"from": peers}]}}
	found == {sprintf("/spec/ingress/1/from/%d", [place]) | some place in places}
}

test_egress if {
	found := netpol_and_or_suspect.fail with input as {"spec": {"egress": [{"to": [_spaces, _pods]}]}}
	found == {{
		"path": "/spec/egress/0/to/0",
		"message": "It means all pods of those namespaces, and such pods of its own namespace, since the two selectors are two items.",
		"evidence": {"peers": [_spaces, _pods]},
	}}
}
