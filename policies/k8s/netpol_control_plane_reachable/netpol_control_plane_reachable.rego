# METADATA
# title: The control plane can be reached without a reason
# description: >-
#   The workload has no token for the API server, so that it has nothing to ask there; but it may connect to a node at a
#   port of the API server, etcd or the kubelet. Their faults, and what they show without a token, are then open to it.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/networking/ports-and-protocols/
# custom:
#   severity: low
#   category: network
#   kinds: [workload]
#   needs: [neighbours, service_account]
#   remediation: Give its pods a NetworkPolicy of type Egress that names what they call, and take the addresses of the nodes out of wide ipBlocks.
#   parameters:
#     ports: {default: [443, 2379, 6443, 10250], description: 'Ports of the control plane: of API server, etcd and kubelet these four are looked at.'}
package k8s.netpol_control_plane_reachable

import data.lib.network
import data.lib.service_account

_fact := input.related.neighbours.control_plane

_open := [port |
	some port in data.parameters.netpol_control_plane_reachable.ports
	network.holds(_fact.ports.items, port)
]

fail contains {
	"path": "/metadata/name",
	"message": sprintf("It has no token, and may connect to nodes at %s: %s.", [concat(", ", [sprintf("TCP %d", [one]) | some one in _open]), network.by(_fact)]),
	"evidence": object.union(network.evidence(_fact), {"ports": _open}),
} if {
	count(skip) == 0
	_fact.answer == "yes"
	count(_open) > 0
}

unknown contains sprintf("It cannot be told whether it may connect to nodes: %s.", [reason]) if {
	count(skip) == 0
	count(_open) > 0
	some reason in network.reasons(_fact)
}

skip contains network.host if input.related.neighbours.host

skip contains "It has a token: what it may ask the API server for is told by its rights." if _has_token

skip contains "Where the nodes are is not known, and it may connect to some addresses only." if {
	_fact.reasons == ["the addresses of the nodes are not known"]
}

_has_token if {
	service_account.automount.mounted
	count(service_account.takers) > 0
}

_has_token if input.pod.spec.volumes[_].projected.sources[_].serviceAccountToken
