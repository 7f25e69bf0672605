# METADATA
# title: What containers request, and what limits them
# description: >-
#   As the API server and its admission would have it: from the container, the pod or a LimitRange.
#   `field` is requests or limits; `parameters` are the policy's include_init and accept_limit_range.
#   A request that follows from the container's own limit is in the document already.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
#   - ref: https://kubernetes.io/docs/concepts/policy/limit-range/
package lib.resources

import data.lib.quantity

# METADATA
# title: The containers that have nothing of a resource themselves, by their places
# description: >-
#   Where a policy begins, since as a rule there are none. The other functions take a place too: each
#   looks up whether it has been called with its arguments, and a container is a large one.
bare(field, resource) := _places - {i |
	value := input.containers[i].body.resources[field][resource]
	quantity.positive(value)
}

_places := {i | some i, _ in input.containers}

# METADATA
# title: Whether a policy judges the container at a place
# description: Debug containers can have no resources.
judged(i, _) if input.containers[i].role in {"app", "sidecar"}

judged(i, parameters) if {
	input.containers[i].role == "init"
	parameters.include_init
}

# METADATA
# title: What the container at a place has of a resource, undefined if that is nothing
# description: 0 is nothing.
effective(i, field, resource, parameters) := value if {
	value := input.containers[i].body.resources[field][resource]
	quantity.positive(value)
} else := _from_others(i, field, resource, parameters)

_from_others(i, field, resource, parameters) := value if {
	value := _of_pod(field, resource)
	quantity.positive(value)
} else := value if {
	value := _of_ranges(i, field, resource, parameters)
	quantity.positive(value)
}

_of_pod(field, resource) := input.pod.spec.resources[field][resource]

# Without a request of its own, a pod with limits requests what its containers do together, for which
# one stands here, or what it is limited to: pkg/apis/core/v1/defaults.go, defaultPodRequests
_of_pod("requests", resource) := asked[0] if {
	count(input.pod.spec.resources.limits) > 0
	not input.pod.spec.resources.requests[resource]
	asked := [request |
		some container in input.containers
		request := container.body.resources.requests[resource]
		quantity.positive(request)
	]
}

_of_pod("requests", resource) := limit if {
	limit := input.pod.spec.resources.limits[resource]
	not input.pod.spec.resources.requests[resource]
	every container in input.containers {
		not container.body.resources.requests[resource]
	}
}

# a LimitRange fills in what is not there, 0 is; and what a live pod has not, it was made without
_of_ranges(i, field, resource, parameters) := value if {
	parameters.accept_limit_range
	value := input.related.limit_range[{"requests": "defaultRequest", "limits": "default"}[field]][resource]
	not input.containers[i].body.resources[field][resource]
	not _live
}

_live if {
	input.meta.kind == "Pod"
	input.meta.created != ""
}

# METADATA
# title: Whether a container that has nothing of a resource itself has none at all
# description: Where something is no quantity, `unreadable` says that this is not known.
missing(i, field, resource, parameters) if {
	judged(i, parameters)
	not _from_others(i, field, resource, parameters)
	unreadable(i, field, resource, parameters) == set()
}

# METADATA
# title: Why it is not known what a container has that has nothing of a resource itself
unreadable(i, field, resource, parameters) := {sprintf("%v is no quantity of %s.", [value, resource]) |
	judged(i, parameters)
	some place in [input.pod.spec, input.containers[i].body]
	value := place.resources[field][resource]
	not quantity.valid(value)
}

# METADATA
# title: A finding about the container at a place, which has none of a resource
# description: "`what` is said of it."
finding(i, field, resource, what) := {
	"path": concat("/", [container.path, "resources", field, resource]),
	"message": sprintf("Container %s %s%s.", [container.name, what, _remark(own)]),
	"evidence": object.union({"container": container.name, "role": container.role}, own),
} if {
	container := input.containers[i]
	own := {field: value | value := container.body.resources[field][resource]}
}

_remark({}) := ""

_remark(own) := ": 0 counts as none" if own != {}
