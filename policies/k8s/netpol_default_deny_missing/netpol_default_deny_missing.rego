# METADATA
# title: New pods start open
# description: >-
#   No policy is about all pods of the namespace, so that a pod for which nobody wrote one is open. With a default that
#   denies, a forgotten policy is noticed, because something does not work; without it, nobody notices.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
# custom:
#   severity: medium
#   category: network
#   kinds: [Namespace]
#   needs: [default_deny]
#   remediation: >-
#     Create a NetworkPolicy with podSelector {} and policyTypes Ingress and Egress and without rules, and others beside
#     it for what is needed, DNS first. A Baseline ClusterNetworkPolicy that denies does it for many namespaces.
#   same_as: [C-0206, require-netpol]
#   parameters:
#     directions: {default: [ingress, egress], description: 'Directions for which there must be a default: ingress, egress or both.'}
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease], description: Namespaces that need no default.}
package k8s.netpol_default_deny_missing

_parameters := data.parameters.netpol_default_deny_missing

_told := {direction: input.related.default_deny[direction] | some direction in _parameters.directions}

_missing := [direction | some direction, told in _told; told == {}]

fail contains {
	"path": "/metadata/name",
	"message": sprintf("New pods of namespace %s are open for %s: no policy is about all of its pods.", [input.meta.name, concat(" and ", _missing)]),
	"evidence": {"directions": _missing, "workloads": input.related.default_deny.workloads},
} if {
	count(_missing) > 0
	count(skip) == 0
}

unknown contains sprintf("It cannot be told whether new pods are open for %s: %s.", [direction, reason]) if {
	count(skip) == 0
	some direction, told in _told
	some reason in told.reasons
}

skip contains "This namespace is exempt by the parameter exempt_namespaces." if {
	input.meta.name in _parameters.exempt_namespaces
}

skip contains "There is no workload in it." if input.related.default_deny.workloads == 0
