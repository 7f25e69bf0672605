# METADATA
# title: Policies keep a workload from the cluster's DNS
# description: >-
#   Its egress is closed, and neither UDP nor TCP to the port on which the pods of the DNS listen is open. It
#   resolves no name, so that whatever else its policies open is of no use to it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   - ref: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
# custom:
#   severity: medium
#   category: network
#   kinds: [workload]
#   needs: [name_resolution]
#   remediation: >-
#     Allow egress of UDP and TCP 53 to pods with k8s-app kube-dns in the namespace kube-system. Policies are about
#     the pods behind the Service, and about the port on which those listen.
package k8s.netpol_dns_blocked

_dns := input.related.name_resolution

fail contains {
	"path": input.pod.path,
	"message": "Policies close egress to the cluster's DNS, by UDP and by TCP.",
	"evidence": {"servers": _dns.servers, "policies": _dns.policies},
} if {
	not _elsewhere
}

unknown contains sprintf("Whether it can ask the cluster's DNS is not known: %s.", [_dns.why]) if {
	not _elsewhere
}

skip contains "It asks another DNS than the cluster's." if _elsewhere

_elsewhere if input.pod.spec.hostNetwork == true

_elsewhere if input.pod.spec.dnsPolicy in {"None", "Default"}
