# METADATA
# title: Service takes over addresses that are not its own
# description: >-
#   Every node sends what goes to an address in externalIPs to the Service, whoever the address belongs to. Who may
#   write Services can so read and answer the traffic of others (CVE-2020-8554). The field is deprecated since v1.36.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#external-ips
#   - ref: https://github.com/kubernetes/kubernetes/issues/97076
# custom:
#   severity: high
#   category: network
#   kinds: [Service]
#   remediation: >-
#     Remove externalIPs, use a load balancer or an Ingress in their place, and turn on the admission plugin
#     DenyServiceExternalIPs.
#   same_as: [KSV-0108, C-0283]
package k8s.service_external_ips

fail contains {
	"path": "/spec/externalIPs",
	"message": sprintf("Every node sends what goes to %s to this Service.", [concat(", ", addresses)]),
	"evidence": {"externalIPs": addresses},
	"patch": [{"op": "remove", "path": "/spec/externalIPs"}],
} if {
	addresses := input.spec.externalIPs
	count(addresses) > 0
}
