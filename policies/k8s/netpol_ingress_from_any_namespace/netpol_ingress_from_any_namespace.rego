# METADATA
# title: Pods of every namespace may connect
# description: >-
#   A port of the workload is open for all pods of the cluster, also for those of namespaces that nobody has created
#   yet. For a service that all others use that is meant; for others it is a rule that was written too wide.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   severity: medium
#   category: network
#   kinds: [workload]
#   needs: [exposure]
#   remediation: >-
#     Name the namespaces that need it in a namespaceSelector, best with a podSelector in the same item. If all may
#     connect, set the label of the parameter shared_label to "true" in the labels of its pods.
#   parameters:
#     shared_label: {default: auditor.dev/shared, description: 'Label of pods that everybody may connect to, with the value "true".'}
#     ipblocks_match_pods: {default: unknown, choices: [unknown, never], description: 'Whether the network plugin matches pods by an ipBlock that holds their addresses. Cilium never does.'}
package k8s.netpol_ingress_from_any_namespace

import data.lib.network

_parameters := data.parameters.netpol_ingress_from_any_namespace

_fact := input.related.exposure.from_any_namespace

fail contains {
	"path": "/metadata/name",
	"message": sprintf("Pods of every namespace may connect to %s: %s.", [_fact.words, network.by(_fact)]),
	"evidence": network.evidence(_fact),
} if {
	count(skip) == 0
	_fact.answer == "yes"
}

unknown contains sprintf("It cannot be told whether pods of every namespace may connect: %s.", [reason]) if {
	count(skip) == 0
	some reason in network.untold(_fact, _parameters.ipblocks_match_pods)
}

skip contains network.host if input.related.exposure.host

skip contains sprintf("Everybody may connect: its pods have the label %s.", [_parameters.shared_label]) if {
	input.pod.labels[_parameters.shared_label] == "true"
}
