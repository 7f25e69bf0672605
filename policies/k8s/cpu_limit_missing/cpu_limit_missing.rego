# METADATA
# title: Container has no CPU limit
# description: >-
#   Without a limit a container may take all CPU time that others leave, and its speed depends on its
#   neighbours. Many leave limits out on purpose, since a limit slows a container down while its node
#   is idle: hence this is off unless it is asked for.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: info
#   category: availability
#   kinds: [workload]
#   excuses: [limit_range]
#   enabled: false
#   remediation: Set resources.limits.cpu of the container to the most that it may use.
#   same_as: [KSV-0011, C-0050, cpuLimitsMissing]
#   parameters:
#     include_init: {default: false, description: Whether init containers are judged as well}
#     accept_limit_range: {default: true, description: Whether the default of a LimitRange will do}
package k8s.cpu_limit_missing

import data.lib.resources

_parameters := data.parameters.cpu_limit_missing

fail contains resources.finding(i, "limits", "cpu", "has no CPU limit") if {
	some i in resources.bare("limits", "cpu")
	resources.missing(i, "limits", "cpu", _parameters)
}

unknown contains reason if {
	some i in resources.bare("limits", "cpu")
	some reason in resources.unreadable(i, "limits", "cpu", _parameters)
}
