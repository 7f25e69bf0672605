# METADATA
# title: Anyone may connect
# description: >-
#   Every pod of the cluster, and every address that gets as far, may connect to all ports of the workload. Whoever
#   breaks into any other pod can try it, debug ports and databases included.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
# custom:
#   severity: [high, medium]  # medium: manifests without any policy about it
#   category: network
#   kinds: [workload]
#   needs: [exposure]
#   supersedes: [netpol_ingress_from_any_namespace, netpol_ingress_from_internet, netpol_sensitive_port_wide, netpol_cross_tenant]
#   remediation: >-
#     Create a NetworkPolicy in its namespace that selects all pods and has policyTypes Ingress and no rules, and one
#     that allows those who need it, by their labels and on the port they need. auditor reach shows who they are.
#   same_as: [C-0260, C-0030, C-0054, missingNetworkPolicy, pod-networkpolicy]
#   parameters:
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease], description: Namespaces whose workloads may be open.}
#     ipblocks_match_pods: {default: unknown, choices: [unknown, never], description: 'Whether the network plugin matches pods by an ipBlock that holds their addresses. Cilium never does.'}
package k8s.netpol_ingress_unrestricted

import data.lib.network

_parameters := data.parameters.netpol_ingress_unrestricted

_fact := input.related.exposure.from_everybody

fail contains {
	"path": "/metadata/name",
	"severity": network.severity(_fact),
	"message": sprintf("Any pod and the internet may connect to all of its ports: %s.", [network.by(_fact)]),
	"evidence": network.evidence(_fact),
} if {
	count(skip) == 0
	_fact.answer == "yes"
}

unknown contains sprintf("It cannot be told whether anyone may connect: %s.", [reason]) if {
	count(skip) == 0
	some reason in network.untold(_fact, _parameters.ipblocks_match_pods)
}

skip contains network.host if input.related.exposure.host

skip contains "Its namespace is exempt by the parameter exempt_namespaces." if {
	input.meta.namespace in _parameters.exempt_namespaces
}
