# METADATA
# title: Alertmanagers reach each other by TCP alone
# description: >-
#   The members of a cluster of Alertmanagers tell each other by UDP and TCP what they have sent. Where only TCP is
#   let through they take each other for gone, off and on, and each of them notifies people by itself.
# related_resources:
#   - ref: https://prometheus.io/docs/alerting/latest/high_availability/
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: medium
#   category: stack
#   kinds: [NetworkPolicy]
#   remediation: Allow port 9094 by UDP wherever it is allowed by TCP, unless --cluster.tls-config sends all over TCP.
#   parameters:
#     port: {default: 9094, description: The port that members speak to each other on.}
package k8s.alertmanager_gossip_without_udp

_port := data.parameters.alertmanager_gossip_without_udp.port

fail contains {
	"path": sprintf("/spec/%s", [direction]),
	"key": direction,
	"message": sprintf("Port %d is allowed by TCP alone (%s), and Alertmanagers speak UDP as well.", [_port, direction]),
	"evidence": {"port": _port, "allowed": sort(allowed)},
} if {
	some direction in ["ingress", "egress"]
	allowed := _allowed(direction)
	"TCP" in allowed
	not "UDP" in allowed
}

skip contains "It is not about the port of Alertmanagers among themselves." if {
	count(_allowed("ingress") | _allowed("egress")) == 0
}

# a port of the pods' own name is not known here
_allowed(direction) := {object.get(port, "protocol", "TCP") |
	some port in input.spec[direction][_].ports
	port.port == _port
}
