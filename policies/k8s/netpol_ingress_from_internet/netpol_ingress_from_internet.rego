# METADATA
# title: The internet may connect past what is published
# description: >-
#   All addresses of the internet may connect to a port of the workload that no Service, Ingress, route or port of the
#   host publishes. Where pods have addresses that are routed from outside, or an attacker stands on a node, only such a
#   rule is between them.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
# custom:
#   severity: [high, medium]  # medium: manifests without any policy about it
#   category: network
#   kinds: [workload]
#   needs: [exposure]
#   excuses: [doors]
#   remediation: >-
#     Narrow the rule to the port that is published, or to the addresses that need it. If it is published by other means,
#     name the workload in the parameter exposed_workloads.
#   same_as: [C-0256]
#   parameters:
#     exposed_workloads: {default: [], description: 'Workloads that may be open to the internet, as NAMESPACE/NAME.'}
package k8s.netpol_ingress_from_internet

import data.lib.network

_fact := input.related.exposure.from_internet

fail contains {
	"path": "/metadata/name",
	"severity": network.severity(_fact),
	"message": sprintf("All of the internet may connect to %s, and nothing publishes it: %s.", [_fact.words, network.by(_fact)]),
	"evidence": object.union(network.evidence(_fact), {"published": [sprintf("%s %d", [one.protocol, one.port]) | some one in _doors]}),
} if {
	count(skip) == 0
	_fact.answer == "yes"
	some range in _fact.ports.items
	not _published(range)
}

default _doors := []

_doors := input.related.doors.ports.items

# a Service has few ports: a range with more is never published as a whole
_published(range) if {
	range.to - range.from < 20
	every number in numbers.range(range.from, range.to) {
		{"protocol": range.protocol, "port": number} in _doors
	}
}

unknown contains sprintf("It cannot be told whether the internet may connect: %s.", [reason]) if {
	count(skip) == 0
	some reason in network.reasons(_fact)
}

skip contains network.host if input.related.exposure.host

skip contains "It may be open by the parameter exposed_workloads." if {
	concat("/", [input.meta.namespace, input.meta.name]) in data.parameters.netpol_ingress_from_internet.exposed_workloads
}
