# METADATA
# title: The metadata service of the cloud can be asked
# description: >-
#   Clouds give a machine its credentials at an address that every process on it can ask. A pod that may do so gets the
#   rights of its node, unless the cloud itself refuses it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/security-checklist/#network-security
# custom:
#   severity: [high, medium]  # medium: manifests without any policy about it
#   category: network
#   kinds: [workload]
#   needs: [exposure]
#   remediation: >-
#     Give its pods a NetworkPolicy of type Egress that names what they call. Where they need the internet, take the
#     address out: an ipBlock 0.0.0.0/0 with except 169.254.0.0/16. Outside of clouds, switch the policy off.
#   same_as: [C-0052]
#   parameters:
#     ips: {default: ["169.254.169.254", "fd00:ec2::254"], description: 'The addresses to judge: 169.254.169.254, fd00:ec2::254 (AWS) and 100.100.100.200 (Alibaba) are known.'}
package k8s.netpol_metadata_reachable

import data.lib.network

_facts := {ip: fact |
	some ip in data.parameters.netpol_metadata_reachable.ips
	fact := input.related.exposure.to_metadata[ip]
}

_open := [ip | some ip, fact in _facts; fact.answer == "yes"]

fail contains {
	"path": "/metadata/name",
	"severity": network.severity(first),
	"message": sprintf("It may ask %s for the credentials of its node: %s.", [concat(" and ", _open), network.by(first)]),
	"evidence": {"addresses": {ip: network.evidence(_facts[ip]) | some ip in _open}},
} if {
	first := _facts[_open[0]]
}

unknown contains sprintf("It cannot be told whether it may ask %s: %s.", [ip, reason]) if {
	some ip, fact in _facts
	some reason in network.reasons(fact)
}

unknown contains sprintf("%s is no address of a metadata service that is known.", [ip]) if {
	some ip in data.parameters.netpol_metadata_reachable.ips
	not ip in object.keys(input.related.exposure.to_metadata)
}

skip contains network.host if input.related.exposure.host
