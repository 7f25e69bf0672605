# METADATA
# title: Pods of other namespaces reach a database or the like
# description: >-
#   A container has a port of databases, caches, queues or monitoring, and pods of other namespaces may connect to it, by
#   the policies of both ends. Many of those programs ask for no password, and none of them is for everybody.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: [high, medium]  # medium: manifests without any policy about it
#   category: network
#   kinds: [workload]
#   needs: [neighbours]
#   remediation: Let in only the pods that use it, by a podSelector in one item with a namespaceSelector, or name who may connect to everything in the parameter allowed_namespaces.
#   parameters:
#     ports: {default: [1433, 1521, 2379, 3306, 5432, 5984, 6379, 9042, 9090, 9092, 9200, 9300, 11211, 27017], description: 'Ports of TCP on which only few have business.'}
#     allowed_namespaces: {default: [], description: 'Namespaces whose pods may connect everywhere, such as that of the monitoring.'}
#     ipblocks_match_pods: {default: unknown, choices: [unknown, never], description: 'Whether the network plugin matches pods by an ipBlock that holds their addresses. Cilium never does.'}
package k8s.netpol_sensitive_port_wide

import data.lib.network

_parameters := data.parameters.netpol_sensitive_port_wide

_ports := {port.containerPort |
	some port in input.containers[_].body.ports
	port.containerPort in _parameters.ports
	object.get(port, "protocol", "TCP") == "TCP"
}

_open contains object.union(one, {"port": port}) if {
	some port in _ports
	some opening in input.related.neighbours.foreign.items
	network.holds(opening.ports.items, port)
	some one in opening.namespaces.items
	not one.namespace in _parameters.allowed_namespaces
}

_sure := [one | some one in _open; one.answer == "yes"]

fail contains {
	"path": "/metadata/name",
	"severity": network.severity(first),
	"message": sprintf("%s of another namespace may connect to TCP %d: %s.", [first.peer, first.port, network.by(first)]),
	"evidence": {"open": array.slice(_sure, 0, 20), "total": count(_sure)},
} if first := _sure[0]

unknown contains sprintf("It cannot be told whether %s may connect to TCP %d: %s.", [one.peer, one.port, reason]) if {
	some one in _open
	some reason in network.untold(one, _parameters.ipblocks_match_pods)
}

unknown contains "More may connect than are told." if {
	count(_open) + count(skip) == 0
	some list in [input.related.neighbours.foreign, input.related.neighbours.foreign.items[_].namespaces]
	list.total > count(list.items)
}

skip contains network.host if input.related.neighbours.host

skip contains "No container names a port of the parameter ports." if count(_ports) == 0
