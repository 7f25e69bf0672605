# METADATA
# title: ipBlock that holds addresses of the cluster itself
# description: >-
#   An ipBlock is for addresses outside. Whether it matches a pod that has one of its addresses, or a Service before
#   its address is replaced, is left to the network plugin: the same policy is open with one and closed with another.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   severity: medium
#   category: network
#   kinds: [NetworkPolicy]
#   needs: [network_blocks]
#   remediation: Name pods by selectors, also those behind a Service, and except the ranges of the cluster from wider blocks.
#   parameters:
#     ranges: {default: [], description: 'CIDRs of pods and Services, where no Node or Service tells them.'}
#     nodes: {default: false, description: 'Whether addresses of Nodes count, which nothing but an ipBlock can name.'}
package k8s.netpol_ipblock_internal

_parameters := data.parameters.netpol_ipblock_internal

fail contains {
	"path": path,
	"message": sprintf("%s holds addresses of %s; whether it means them is undefined.", [block.cidr, what]),
	"evidence": found,
} if {
	some path, block in _blocks
	found := object.union(_seen(path), _named(block))
	what := concat(" and ", object.keys(found))
	what != ""
}

_blocks[sprintf("/spec/%s/%d/%s/%d/ipBlock", [direction, i, list, j])] := peer.ipBlock if {
	some direction, list in {"ingress": "from", "egress": "to"}
	some j, peer in input.spec[direction][i][list]
}

_seen(path) := {what: one[what] | some one in input.related.network_blocks.blocks.items; one.path == path; some what in _counted}

_counted := {"pods", "services"} | {"nodes" | _parameters.nodes}

_named(block) := {"configured ranges": ranges | ranges := [one | some one in _parameters.ranges; _meets(block, one)]; ranges != []}

# what is excepted lies within the block: it can only take all of a range away that lies there too
_meets(block, range) if {
	net.cidr_intersects(block.cidr, range)
	every one in object.get(block, "except", []) { not net.cidr_contains(one, range) }
}

skip contains "It names no addresses." if count(_blocks) == 0

skip contains _untold if not input.cluster.live

unknown contains _untold if input.cluster.live

_untold := "No Node tells which addresses pods have: name them in the parameter ranges." if {
	count(_blocks) > 0
	count(fail) + count(_parameters.ranges) == 0
	not "pods" in input.related.network_blocks.known
}
