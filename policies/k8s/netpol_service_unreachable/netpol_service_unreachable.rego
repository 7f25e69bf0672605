# METADATA
# title: Policies close a Service to those who call it
# description: >-
#   Network policies are about pods, and a Service leads to them. At a port of the Service no pod behind it lets
#   anybody in, often since the policy names the port of the Service and not the one that the pods listen on; or a
#   caller is kept from all of them: the controller of an Ingress, or a workload that names the Service.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   - ref: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
# custom:
#   severity: medium
#   category: network
#   kinds: [Service]
#   needs: [service_reach]
#   remediation: >-
#     Allow ingress at the targetPort to the pods behind the Service, from its callers, and egress of those to it;
#     auditor reach shows what decides. Delete a Service that nobody shall call.
package k8s.netpol_service_unreachable

_reach := input.related.service_reach

fail contains {
	"path": sprintf("/spec/ports/%d", [one.at]),
	"message": sprintf("No pod behind it lets anybody in at %s%s.", [one.port, _hint(one)]),
	"evidence": {"policies": one.policies},
} if {
	some one in _reach.nobody.items
}

fail contains {
	"path": sprintf("/spec/ports/%d", [one.at]),
	"key": sprintf("%s %s", [one.caller, one.port]),
	"message": sprintf("%s calls it, and policies keep it from all pods behind %s.", [one.caller, one.port]),
	"evidence": {"caller": one.caller, "policies": one.policies},
} if {
	some one in _reach.closed.items
}

_hint(one) := ": policies open the number of its own port, and the pods listen on another" if one.open

_hint(one) := "" if not one.open

unknown contains sprintf("Whether policies let %s in is not known: %s.", [one.caller, one.why]) if {
	some one in _reach.unknown.items
}
