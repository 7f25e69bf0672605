# METADATA
# title: Container binds a port of the host
# description: >-
#   A host port makes the container reachable on the address of the node, past Services and often
#   past NetworkPolicies, and two pods that want the same port cannot share a node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove hostPort from the container's ports and publish the port through a Service.
#   same_as: [KSV-0024, C-0044, hostPortSet]
package k8s.host_port

import data.lib.pod_security

fail contains object.union(
	{
		"message": sprintf("Container %s binds port %d (%s) of the node.", [container.name, port.hostPort, protocol]),
		"evidence": {
			"container": container.name,
			"role": container.role,
			"hostPort": port.hostPort,
			"protocol": protocol,
		},
	},
	_place(container, i, port, protocol),
) if {
	some container in input.containers
	some i, port in container.body.ports
	port.hostPort != 0
	protocol := object.get(port, "protocol", "TCP")
}

# On the network of the host every port is a host port, and the API server writes it into pods: then
# the fault is hostNetwork.
_place(container, i, port, protocol) := {
	"path": sprintf("%s/hostNetwork", [input.pod.path]),
	"key": sprintf("%s/%d/%s", [pod_security.label(container), port.hostPort, protocol]),
} if {
	input.pod.spec.hostNetwork == true
	port.hostPort == port.containerPort
} else := {"path": path, "patch": [{"op": "remove", "path": path}]} if {
	path := sprintf("%s/ports/%d/hostPort", [container.path, i])
}
