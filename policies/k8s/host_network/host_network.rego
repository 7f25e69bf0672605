# METADATA
# title: Pod shares the host's network
# description: >-
#   The pod uses the network interfaces of the node: no NetworkPolicy holds it back, it reaches
#   services that listen on the node's loopback only, and it can see traffic of other pods.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   supersedes: [host_port]
#   remediation: >-
#     Remove hostNetwork from the pod spec and expose the pod through a Service; set dnsPolicy
#     ClusterFirstWithHostNet back to ClusterFirst.
#   same_as: [KSV-0009, C-0041, hostNetworkSet, host-network]
package k8s.host_network

fail contains {
	"path": path,
	"message": "The pod uses the network of its node (hostNetwork is true).",
	"evidence": {"hostNetwork": true},
	"patch": array.concat([{"op": "remove", "path": path}], _dns),
} if {
	input.pod.spec.hostNetwork == true
	path := sprintf("%s/hostNetwork", [input.pod.path])
}

# this DNS policy is for pods on the host's network only
_dns := [{"op": "replace", "path": sprintf("%s/dnsPolicy", [input.pod.path]), "value": "ClusterFirst"}] if {
	input.pod.spec.dnsPolicy == "ClusterFirstWithHostNet"
} else := []
