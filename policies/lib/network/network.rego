# METADATA
# title: What network policies leave open for a workload
# description: >-
#   Words for the facts that the relations exposure and neighbours tell, each with a witness: whom it is open to, and by
#   which policies.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
package lib.network

# METADATA
# title: Why policies say nothing about a workload
host := "All of its pods are on the network of their node, which network policies are not about; see host_network."

# METADATA
# title: What an ipBlock leaves undefined
# description: One of the reasons for which a fact is unknown (auditor/network/space.py).
block := "whether an ipBlock matches the address of a pod is undefined"

# METADATA
# title: Who leaves it open
by(fact) := "no policy is about it" if {
	fact.policies.total == 0
} else := concat(", ", fact.policies.items)

# METADATA
# title: Whether ranges of ports hold one of TCP
holds(ranges, port) if {
	some {"protocol": "TCP", "from": from, "to": to} in ranges
	from <= port
	port <= to
}

# METADATA
# title: Severity of what is open
# description: >-
#   Where manifests have no policy about a workload, nobody knows whether the cluster has one that they are applied to.
severity(fact) := "medium" if {
	fact.policies.total == 0
	not input.cluster.live
} else := "high"

# METADATA
# title: A fact as evidence
evidence(fact) := {"peer": fact.peer, "ports": fact.words, "policies": fact.policies}

# METADATA
# title: Why a fact is unknown
# description: None where it is known.
reasons(fact) := {reason | fact.answer == "unknown"; some reason in fact.reasons}

# METADATA
# title: Why a fact about pods is unknown
# description: None either where only an ipBlock is in doubt, and the parameter says that none matches pods.
untold(fact, ipblocks) := {reason |
	some reason in reasons(fact)
	not _outside(fact.reasons, ipblocks)
}

_outside(reasons, "never") if {
	every reason in reasons {
		reason == block
	}
}
