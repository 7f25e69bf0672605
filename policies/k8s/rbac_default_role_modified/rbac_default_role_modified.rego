# METADATA
# title: Role or binding of Kubernetes was widened
# description: >-
#   It has the name of one that ships with Kubernetes, and gives more. The API server puts back what is missing
#   when it starts, and leaves what is more, under a name that people and tools overlook. Rights that come by
#   aggregation are a lesser fault, and for custom resources they are the way that Kubernetes provides.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
# custom:
#   severity: [high, medium, low]
#   category: rbac
#   kinds: [Role, ClusterRole, RoleBinding, ClusterRoleBinding]
#   needs: [shipped]
#   remediation: >-
#     Take out what is more, or delete the object and restart the API server, which writes it anew. Give what
#     is needed by a role and a binding of your own.
package k8s.rbac_default_role_modified

_shipped := input.related.shipped

fail contains {
	"path": sprintf("/rules/%d", [rule.index]),
	"message": sprintf("It gives more than what ships with Kubernetes %s.", [_shipped.version]),
	"severity": _severity(rule),
	"evidence": {"gives": rule.gives, "rights": rule.total, "through": rule.through},
} if {
	_shipped.known
	some rule in _shipped.rules
}

fail contains {
	"path": other.path,
	"message": sprintf("It has another %s than what ships with Kubernetes %s.", [other.what, _shipped.version]),
} if {
	_shipped.known
	some other in _shipped.others
}

unknown contains sprintf("What ships with this version of Kubernetes is not known; it has more than %s.", [_shipped.version]) if {
	_shipped.known == false
	some more in [_shipped.rules, _shipped.others]
	count(more) > 0
}

skip contains "Nothing of this name ships with Kubernetes." if _shipped == {}

_severity(rule) := "high" if {
	rule.through == []
} else := "low" if {
	rule.custom
} else := "medium"
