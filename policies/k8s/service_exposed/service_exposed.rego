# METADATA
# title: Service is open to the network outside of the cluster
# description: >-
#   A NodePort answers on every node, to all that reach one. A load balancer answers to the whole internet, if it is
#   neither an internal one nor limited to ranges of addresses. NetworkPolicies and firewalls are not looked at.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
# custom:
#   severity: medium
#   category: network
#   kinds: [Service]
#   remediation: >-
#     Use ClusterIP behind one Ingress or Gateway; of a load balancer that has to be, set loadBalancerSourceRanges,
#     or the annotation of your provider that makes it an internal one.
#   same_as: [C-0256]
#   parameters:
#     internal_annotations: {default: ['networking.gke.io/load-balancer-type=Internal', 'cloud.google.com/load-balancer-type=Internal', 'service.beta.kubernetes.io/aws-load-balancer-internal=true', 'service.beta.kubernetes.io/aws-load-balancer-scheme=internal', 'service.beta.kubernetes.io/azure-load-balancer-internal=true', 'service.beta.kubernetes.io/openstack-internal-load-balancer=true', 'service.beta.kubernetes.io/oci-load-balancer-internal=true', 'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type=private'], description: 'Annotations, with their values, that make a load balancer an internal one.'}
#     internal_classes: {default: [], description: 'Values of loadBalancerClass whose load balancers answer inside only.'}
package k8s.service_exposed

_parameters := data.parameters.service_exposed

fail contains {
	"path": "/spec/type",
	"message": sprintf("Service %s answers %s.", [input.meta.name, _reach]),
	"evidence": {
		"type": input.spec.type,
		"ports": [object.get(port, "nodePort", port.port) | some port in input.spec.ports],
		"loadBalancerSourceRanges": _ranges,
	},
}

_reach := "on a port of every node" if input.spec.type == "NodePort"

_reach := "whoever reaches its load balancer" if {
	input.spec.type == "LoadBalancer"
	not _internal
	not _narrowed
}

_ranges := object.get(input.spec, "loadBalancerSourceRanges", [])

_narrowed if {
	count(_ranges) > 0
	every range in _ranges {
		not trim_space(range) in {"0.0.0.0/0", "::/0"}
	}
}

_internal if input.spec.loadBalancerClass in _parameters.internal_classes

_internal if {
	some name, value in input.meta.annotations
	sprintf("%s=%s", [name, value]) in _parameters.internal_annotations
}

skip contains "It answers inside the cluster only." if not _published

_published if input.spec.type in {"NodePort", "LoadBalancer"}
