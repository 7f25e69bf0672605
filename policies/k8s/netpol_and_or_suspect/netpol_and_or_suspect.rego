# METADATA
# title: Two peers that were perhaps meant as one
# description: >-
#   A namespaceSelector and a podSelector stand beside each other as two items of a list: the rule then means all
#   pods of those namespaces, and besides them such pods of its own namespace. In one item they would mean such pods
#   in those namespaces. One hyphen makes the difference.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   severity: info
#   category: network
#   kinds: [NetworkPolicy]
#   remediation: >-
#     If such pods in those namespaces are meant, put both selectors into one item; if not, put another peer between
#     them, or the two into rules of their own.
package k8s.netpol_and_or_suspect

fail contains {
	"path": sprintf("/spec/%s/%d/%s/%d", [direction, i, list, j]),
	"message": sprintf("%s, since the two selectors are two items.", [_meaning]),
	"evidence": {"peers": [peer, next]},
} if {
	some direction, list in {"ingress": "from", "egress": "to"}
	some i, rule in input.spec[direction]
	some j, peer in rule[list]
	next := rule[list][j + 1]
	{object.keys(peer), object.keys(next)} == {{"namespaceSelector"}, {"podSelector"}}

	# {} says "all pods of my namespace", which nobody writes for "such pods in those namespaces"
	some one in [peer, next]
	count(one.podSelector) > 0
}

_meaning := "It means all pods of those namespaces, and such pods of its own namespace"
