# METADATA
# title: Rule of a network policy that changes nothing
# description: >-
#   It is written, and has no effect: rules for egress under the policyTypes [Ingress], which leave egress open; an
#   ipBlock of which everything is excepted; a name of a port that no container has; or a rule that another one
#   covers. Whoever wrote it believes otherwise.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
#   - ref: https://network-policy-api.sigs.k8s.io/reference/spec/
# custom:
#   severity: low
#   category: network
#   kinds: [NetworkPolicy, ClusterNetworkPolicy, AdminNetworkPolicy, BaselineAdminNetworkPolicy]
#   needs: [network_dead_rules]
#   remediation: >-
#     Name the direction in policyTypes if the rules shall count: whatever they do not allow is then denied. Correct
#     the name or the block, delete a rule that adds nothing, and put the narrow rule of an ordered policy first.
package k8s.netpol_dead_rule

_found := input.related.network_dead_rules

fail contains {"path": dead.path, "message": _message(dead), "evidence": {"why": dead.why}} if {
	some dead in _found.dead.items
}

_message(dead) := sprintf("policyTypes does not name %s, so that none of these rules counts.", [dead.type])

_message(dead) := "All that the ipBlock has is excepted from it." if dead.why == "excepted"

_message(dead) := sprintf("The rule at %s covers it: it adds nothing.", [dead.by])

_message(dead) := sprintf("No container of the destinations has a port named %s.", [dead.port]) if {
	dead.why == "port"
}

_message(dead) := sprintf("Addresses have no port named %s: names are those of containers.", [dead.port]) if {
	dead.why == "address"
}

unknown contains sprintf("It cannot be told: %s.", [_found.unread])
