# METADATA
# title: Policies of the same priority contradict each other
# description: >-
#   Two policies for the whole cluster of one tier have the same priority and do different things with the same
#   traffic. Which of them is tried first is undefined: it may differ from node to node, and change with an update.
# related_resources:
#   - ref: https://network-policy-api.sigs.k8s.io/reference/spec/
# custom:
#   severity: low
#   category: network
#   kinds: [ClusterNetworkPolicy, AdminNetworkPolicy]
#   needs: [network_ties]
#   remediation: Give them different priorities in spec.priority; the smaller one is tried first.
package k8s.netpol_priority_tie

_ties := input.related.network_ties

# once for each pair, at the one whose name sorts first
fail contains {
	"path": "/spec/priority",
	"key": tie.other,
	"message": sprintf("%s %s has the same priority and %s %s of %s with %s on %s, which this one %s.", [
		input.meta.kind,
		tie.other,
		tie.other_does,
		tie.direction,
		tie.subject,
		tie.peer,
		tie.port,
		tie.does,
	]),
	"evidence": tie,
	"related": [{"kind": input.meta.kind, "name": tie.other}],
} if {
	some tie in _ties.ties.items
}

unknown contains sprintf("It cannot be told %s.", [_ties.unread])
