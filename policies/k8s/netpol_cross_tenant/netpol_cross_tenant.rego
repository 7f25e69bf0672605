# METADATA
# title: Pods of another tenant may connect
# description: >-
#   Namespaces say by a label whose they are. A pod of a namespace of somebody else may connect to this workload, by the
#   policies of both ends: what separates the tenants has a hole.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/multi-tenancy/#network-isolation
# custom:
#   severity: [high, medium]  # medium: manifests without any policy about it
#   category: network
#   kinds: [workload]
#   needs: [neighbours]
#   remediation: >-
#     Deny ingress in the namespaces of the tenant, and allow it from namespaces with the same value of the label only:
#     a namespaceSelector. What serves all tenants belongs into a namespace without the label.
#   parameters:
#     tenant_label: {default: auditor.dev/tenant, description: 'Label of a Namespace that says whose it is.'}
#     ipblocks_match_pods: {default: unknown, choices: [unknown, never], description: 'Whether the network plugin matches pods by an ipBlock that holds their addresses. Cilium never does.'}
package k8s.netpol_cross_tenant

import data.lib.network

_parameters := data.parameters.netpol_cross_tenant

_fact := input.related.neighbours.tenants[_parameters.tenant_label]

fail contains {
	"path": "/metadata/name",
	"severity": network.severity(_fact),
	"message": sprintf("%s may connect to %s, and belongs to another tenant than %s: %s.", [_fact.peer, _fact.words, _fact.own, network.by(_fact)]),
	"evidence": object.union(network.evidence(_fact), {"tenant": _fact.own, "others": _fact.others}),
} if {
	_fact.answer == "yes"
}

unknown contains sprintf("It cannot be told whether %s of another tenant may connect: %s.", [_fact.peer, reason]) if {
	some reason in network.untold(_fact, _parameters.ipblocks_match_pods)
}

skip contains network.host if input.related.neighbours.host

skip contains sprintf("Its namespace has no label %s that is known.", [_parameters.tenant_label]) if {
	not _parameters.tenant_label in input.related.neighbours.labels
}
