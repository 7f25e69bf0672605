# METADATA
# title: Selector of a network policy that means nobody
# description: >-
#   No namespace, or no pod and no template in the namespaces meant, has the labels that it asks for. A rule that
#   allows lets nobody in, and who needs it finds out; a rule that denies, or the subject of a policy for the whole
#   cluster, keeps nobody out, and nobody finds out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   severity: low
#   category: network
#   kinds: [NetworkPolicy, ClusterNetworkPolicy, AdminNetworkPolicy, BaselineAdminNetworkPolicy]
#   needs: [network_peers, now]
#   remediation: Correct the labels, or delete what is left over; namespaces have the label kubernetes.io/metadata.name.
#   parameters:
#     grace: {default: 24h, description: How old a policy must be., pattern: '([0-9]+[smh])+'}
package k8s.netpol_peer_empty

import data.lib.age

_peers := input.related.network_peers

fail contains {"path": one.path, "message": _messages[one.of], "evidence": {"total": _peers.empty.total}} if {
	_old
	not _peers.unread
	some one in _peers.empty.items
}

_messages := {
	"namespaces": "No namespace has the labels that it asks for.",
	"pods": "No pod and no pod template has the labels that it asks for, in the namespaces that it means.",
}

unknown contains sprintf("It may mean what is not known: %s.", [_peers.unread]) if _old

skip contains sprintf("It is younger than %s: whom it means may be on their way.", [_grace]) if {
	_peers.created
	not _old
}

_grace := data.parameters.netpol_peer_empty.grace

_old if age.older(_peers.created, _grace)
