# METADATA
# title: Service or Ingress that leads to nobody
# description: >-
#   No endpoint is behind the Service, since its selector matches no pod or nobody made one by hand; or the Ingress
#   names a Service that is not there, has not that port, or has nobody ready. Requests fail, or go to whoever takes
#   the free name.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/
#   - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
# custom:
#   severity: low
#   category: network
#   kinds: [Service, Ingress]
#   needs: [backends]
#   remediation: Correct the selector, the name or the port, start what should answer, or delete what is left over.
#   same_as: [C-0293, C-0298]
package k8s.service_without_backend

import data.lib.backend

fail contains {
	"path": path,
	"message": sprintf("Requests to %s find nobody: Service %s %s.", [requests, ref.name, fault]),
	"evidence": {"service": ref},
} if {
	some [path, requests, ref] in _routes
	fault := backend.fault(ref)
}

fail contains {
	"path": "/spec/selector",
	"message": sprintf("Nobody answers behind Service %s: it has no endpoint.", [input.meta.name]),
	"evidence": {"selector": object.get(input.spec, "selector", {})},
} if {
	_own.endpoints.total == 0
}

_own := input.related.backends.items[0] if input.meta.kind == "Service"

_routes contains ["/spec/defaultBackend/service", "any other host", _ref(input.spec.defaultBackend.service)]

_routes contains [sprintf("/spec/rules/%d/http/paths/%d/backend/service", [i, j]), requests, _ref(path.backend.service)] if {
	some i, rule in input.spec.rules
	some j, path in rule.http.paths
	requests := concat("", [object.get(rule, "host", "any host"), object.get(path, "path", "/")])
}

# a port has a number or a name
_ref(service) := {"namespace": namespace, "name": service.name, "port": [port | some port in service.port][0]} if {
	namespace := object.get({"": "default"}, input.meta.namespace, input.meta.namespace)
}

skip contains "It is a name elsewhere." if _own.external

skip contains "Manifests do not tell what is behind a Service." if {
	_own
	not input.cluster.live
}

skip contains backend.none_told({ref | some [_, _, ref] in _routes})
