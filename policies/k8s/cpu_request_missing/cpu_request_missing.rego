# METADATA
# title: Container requests no CPU
# description: >-
#   The scheduler places pods by what they request. A container that requests no CPU is put where there
#   is none to spare, gets next to nothing while its node is busy, and leaves an autoscaler that goes by
#   utilization without a measure.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: medium
#   category: availability
#   kinds: [workload]
#   excuses: [limit_range]
#   remediation: Set resources.requests.cpu of the container to what it needs under usual load.
#   same_as: [KSV-0015, C-0050, cpuRequestsMissing, unset-cpu-requirements]
#   parameters:
#     include_init: {default: false, description: Whether init containers are judged as well}
#     accept_limit_range: {default: true, description: Whether the default of a LimitRange will do}
package k8s.cpu_request_missing

import data.lib.resources

_parameters := data.parameters.cpu_request_missing

fail contains resources.finding(i, "requests", "cpu", "requests no CPU") if {
	some i in resources.bare("requests", "cpu")
	resources.missing(i, "requests", "cpu", _parameters)
}

unknown contains reason if {
	some i in resources.bare("requests", "cpu")
	some reason in resources.unreadable(i, "requests", "cpu", _parameters)
}
