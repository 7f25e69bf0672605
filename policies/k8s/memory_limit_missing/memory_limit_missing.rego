# METADATA
# title: Container has no memory limit
# description: >-
#   Memory that leaks in one container then takes the node's, and the kernel may kill whatever else runs
#   there. With a limit it is that container which is killed and restarted. With the parameter max a
#   limit above it is a fault as well.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: medium
#   category: availability
#   kinds: [workload]
#   excuses: [limit_range]
#   remediation: Set resources.limits.memory of the container to the most that it may use.
#   same_as: [KSV-0018, C-0004, memoryLimitsMissing]
#   parameters:
#     include_init: {default: false, description: Whether init containers are judged as well}
#     accept_limit_range: {default: true, description: Whether the default of a LimitRange will do}
#     max:
#       description: The most that a container may be limited to, such as 8Gi; empty for any
#       default: ""
#       pattern: '([0-9]+(\.[0-9]+)?([kMGTPE]|[KMGTPE]i)?)?'
package k8s.memory_limit_missing

import data.lib.quantity
import data.lib.resources

_parameters := data.parameters.memory_limit_missing

fail contains resources.finding(i, "limits", "memory", "has no memory limit") if {
	some i in resources.bare("limits", "memory")
	resources.missing(i, "limits", "memory", _parameters)
}

fail contains {
	"path": sprintf("%s/resources/limits/memory", [container.path]),
	"message": sprintf("Container %s may use %v of memory, more than %s.", [container.name, limit, _parameters.max]),
	"evidence": {"container": container.name, "role": container.role, "limits": limit, "max": _parameters.max},
} if {
	_parameters.max != ""
	some i, container in input.containers
	resources.judged(i, _parameters)
	limit := resources.effective(i, "limits", "memory", _parameters)
	not _within(limit)
}

# one that is too large to be told in figures is not
_within(limit) if quantity.nano(limit) <= quantity.nano(_parameters.max)

unknown contains reason if {
	some i in resources.bare("limits", "memory")
	some reason in resources.unreadable(i, "limits", "memory", _parameters)
}
