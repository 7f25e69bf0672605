package k8s.service_exposed_test

import data.k8s.service_exposed

_document(spec, annotations) := {
	"meta": {"name": "web", "annotations": annotations},
	"spec": object.union({"ports": [{"port": 80}, {"port": 443, "nodePort": 30443}]}, spec),
}

_balancer(more) := object.union({"type": "LoadBalancer"}, more)

_ranges(listed) := _balancer({"loadBalancerSourceRanges": listed})

_inside := "It answers inside the cluster only."

_anybody := "Service web answers whoever reaches its load balancer."

_nodes := "Service web answers on a port of every node."

# spec, annotations, messages, why it is left out
_cases := {
	"no type": [{}, {}, set(), {_inside}],
	"inside": [{"type": "ClusterIP"}, {}, set(), {_inside}],
	"elsewhere": [{"type": "ExternalName"}, {}, set(), {_inside}],
	"nodes": [{"type": "NodePort"}, {}, {_nodes}, set()],
	"nodes, with a range": [{"type": "NodePort", "loadBalancerSourceRanges": ["192.0.2.0/24"]}, {}, {_nodes}, set()],
	"balancer": [_balancer({}), {}, {_anybody}, set()],
	"range": [_ranges(["192.0.2.0/24", "2001:db8::/32"]), {}, set(), set()],
	"one range": [_ranges(["192.0.2.0/24"]), {}, set(), set()],
	"range of everything": [_ranges(["192.0.2.0/24", "0.0.0.0/0"]), {}, {_anybody}, set()],
	"range of everything in v6": [_ranges([" ::/0"]), {}, {_anybody}, set()],
	"no ranges": [_ranges([]), {}, {_anybody}, set()],
	"other annotation": [_balancer({}), {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}, {_anybody}, set()],
	"class": [_balancer({"loadBalancerClass": "service.example.com/lb"}), {}, {_anybody}, set()],
}

test_verdict[note] if {
	some note, [spec, annotations, messages, skips] in _cases
	document := _document(spec, annotations)
	{finding.message | some finding in service_exposed.fail} == messages with input as document
	service_exposed.skip == skips with input as document
}

test_internal[name] if {
	some name, value in {
		"networking.gke.io/load-balancer-type": "Internal",
		"cloud.google.com/load-balancer-type": "Internal",
		"service.beta.kubernetes.io/aws-load-balancer-internal": "true",
		"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
		"service.beta.kubernetes.io/azure-load-balancer-internal": "true",
		"service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
		"service.beta.kubernetes.io/oci-load-balancer-internal": "true",
		"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
	}
	service_exposed.fail == set() with input as _document(_balancer({}), {name: value})
}

test_internal_class if {
	document := _document(_balancer({"loadBalancerClass": "inside"}), {})
	service_exposed.fail == set() with input as document with data.parameters.service_exposed.internal_classes as ["inside"]
}

test_finding if {
	service_exposed.fail == {{
		"path": "/spec/type",
		"message": _anybody,
		"evidence": {"type": "LoadBalancer", "ports": [80, 30443], "loadBalancerSourceRanges": ["::/0"]},
	}} with input as _document(_ranges(["::/0"]), {})
}
