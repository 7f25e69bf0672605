# METADATA
# title: Network policy trusts a label that others can change
# description: >-
#   It chooses namespaces by a label, and who may patch a namespace decides who has the label: a tenant gives it to
#   a namespace and is let in, or takes it away and gets out of a rule that denies. A RoleBinding in a namespace
#   gives the right to change that namespace, though a Namespace is in none.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification
# custom:
#   severity: medium
#   category: network
#   kinds: [NetworkPolicy, ClusterNetworkPolicy, AdminNetworkPolicy, BaselineAdminNetworkPolicy]
#   needs: [network_labels]
#   remediation: >-
#     Choose namespaces by kubernetes.io/metadata.name, which nobody can change; or take update and patch on
#     namespaces away, or let an admission policy guard the label.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount tenancy/operator or Group ops.'}
package k8s.netpol_tenant_controlled_label

fail contains {
	"path": place.path,
	"message": sprintf("%s can change labels of %s%s: it chooses by %s.", [
		who[0].subject,
		_where(who[0].namespace),
		_gains[place.gain],
		concat(", ", place.keys),
	]),
	"evidence": {"keys": place.keys, "who": {"total": place.who.total, "items": who}},
} if {
	some place in input.related.network_labels.places.items
	who := [one |
		some one in place.who.items
		not one.subject in data.parameters.netpol_tenant_controlled_label.known_subjects
	]
}

_gains := {"in": " and get in", "out": " and get out", "": ""}

_where("") := "all namespaces"

_where(namespace) := sprintf("namespace %s", [namespace]) if namespace != ""
