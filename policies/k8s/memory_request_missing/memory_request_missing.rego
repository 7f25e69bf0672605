# METADATA
# title: Container requests no memory
# description: >-
#   Without a request the scheduler puts the container on nodes whose memory is spoken for, and when a
#   node runs out of it, the kubelet evicts and the kernel kills first those that use more than they
#   requested.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
# custom:
#   severity: medium
#   category: availability
#   kinds: [workload]
#   excuses: [limit_range]
#   remediation: Set resources.requests.memory of the container to what it needs under usual load.
#   same_as: [KSV-0016, C-0004, memoryRequestsMissing, unset-memory-requirements]
#   parameters:
#     include_init: {default: false, description: Whether init containers are judged as well}
#     accept_limit_range: {default: true, description: Whether the default of a LimitRange will do}
package k8s.memory_request_missing

import data.lib.resources

_parameters := data.parameters.memory_request_missing

fail contains resources.finding(i, "requests", "memory", "requests no memory") if {
	some i in resources.bare("requests", "memory")
	resources.missing(i, "requests", "memory", _parameters)
}

unknown contains reason if {
	some i in resources.bare("requests", "memory")
	some reason in resources.unreadable(i, "requests", "memory", _parameters)
}
