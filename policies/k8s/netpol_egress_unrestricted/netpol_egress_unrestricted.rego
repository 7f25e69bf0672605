# METADATA
# title: It may connect to anything outside
# description: >-
#   The workload may connect to every address of the internet, at all ports. Whoever breaks into it can fetch tools, send
#   away what it finds, and take orders.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
# custom:
#   severity: medium
#   category: network
#   kinds: [workload]
#   needs: [exposure]
#   supersedes: [netpol_control_plane_reachable]
#   remediation: >-
#     Create a NetworkPolicy in its namespace that selects all pods and has policyTypes Egress, and allows only DNS;
#     then one for what the workload really calls, with its port. auditor reach shows what is open.
#   same_as: [C-0030, missingNetworkPolicy, pod-networkpolicy]
#   parameters:
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease], description: Namespaces whose workloads may call anything.}
package k8s.netpol_egress_unrestricted

import data.lib.network

_fact := input.related.exposure.to_internet

fail contains {
	"path": "/metadata/name",
	"message": sprintf("It may connect to all of the internet, at all ports: %s.", [network.by(_fact)]),
	"evidence": network.evidence(_fact),
} if {
	count(skip) == 0
	_fact.answer == "yes"
}

unknown contains sprintf("It cannot be told whether it may connect to anything: %s.", [reason]) if {
	count(skip) == 0
	some reason in network.reasons(_fact)
}

skip contains network.host if input.related.exposure.host

skip contains "Its namespace is exempt by the parameter exempt_namespaces." if {
	input.meta.namespace in data.parameters.netpol_egress_unrestricted.exempt_namespaces
}
