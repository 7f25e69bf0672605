# METADATA
# title: Namespace gives containers no limits of its own
# description: >-
#   A LimitRange fills in the requests and limits of containers that ask for none. Without it such a container may
#   take all the memory of its node, and the scheduler does not know what it needs; a quota refuses it altogether.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/limit-range/
# custom:
#   severity: low
#   category: namespace
#   kinds: [Namespace]
#   excuses: [limit_range]
#   remediation: >-
#     Create a LimitRange in the namespace that has, for the type Container, a default of memory and a
#     defaultRequest of cpu and memory.
#   same_as: [KSV-0039]
#   parameters:
#     limits: {default: [memory], description: Resources of which containers must get a limit.}
#     requests: {default: [cpu, memory], description: Resources of which containers must get a request.}
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease, default], description: Namespaces that need no LimitRange.}
package k8s.namespace_limit_range_missing

_parameters := data.parameters.namespace_limit_range_missing

_given := input.related.limit_range

_given := {"names": []} if not input.related.limit_range

fail contains {
	"path": "/metadata/name",
	"message": sprintf("Containers in namespace %s that ask for none get no %s.", [input.meta.name, concat(", ", _missing)]),
	"evidence": {"missing": _missing, "limitRanges": _given.names},
} if {
	count(_missing) > 0
	count(skip) == 0
}

_missing contains sprintf("limit of %s", [one]) if {
	some one in _parameters.limits
	not _given["default"][one]
}

_missing contains sprintf("request of %s", [one]) if {
	some one in _parameters.requests
	not _given.defaultRequest[one]
}

skip contains "This namespace is exempt: the cluster itself uses it, or nobody should." if {
	input.meta.name in _parameters.exempt_namespaces
}

skip contains "The manifests hold no LimitRange of it, and the cluster may have one." if {
	count(_given.names) == 0
	not input.cluster.live
}
