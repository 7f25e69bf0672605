# METADATA
# title: Who answers behind the Services that an object sends requests to
# description: For policies that need the relation backends.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/
package lib.backend

# METADATA
# title: Why nobody answers, {namespace, name, port} being where the requests go
# description: >-
#   Undefined where somebody does, or where it is not known. The port is a number or a name; who is a
#   name elsewhere (ExternalName) has none.
fault(ref) := "does not exist" if {
	_service(ref).found == false
} else := sprintf("has no port %v", [ref.port]) if {
	ports := _service(ref).ports
	not ref.port in ports
} else := "has no endpoint that is ready" if {
	_service(ref).endpoints.ready == 0
}

# METADATA
# title: Whether it is not known if there is such a Service
untold(ref) if not is_boolean(object.get(_service(ref), "found", null))

# METADATA
# title: Why of none of these Services anything is known
none_told(refs) := "The manifests hold none of its Services, and the cluster may have them." if {
	count(refs) > 0
	every ref in refs {
		untold(ref)
	}
}

_service(ref) := found if {
	some found in input.related.backends.items
	[found.namespace, found.name] == [ref.namespace, ref.name]
} else := {}
