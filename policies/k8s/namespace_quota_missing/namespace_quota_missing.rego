# METADATA
# title: Namespace without a quota
# description: >-
#   Without a ResourceQuota for pods, CPU and memory one namespace can take all that the nodes have, by mistake, by a
#   loop in an operator, or in the hands of an attacker. A quota with scopes counts some of the pods only.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/
# custom:
#   severity: medium
#   category: namespace
#   kinds: [Namespace]
#   needs: [quotas]
#   remediation: Create a ResourceQuota in the namespace that limits pods, requests.cpu and requests.memory, or their limits.
#   same_as: [KSV-0040]
#   parameters:
#     limited: {default: [pods, cpu, memory], description: 'What must be limited, by its own name, as requests or limits of it, or as a count of it.'}
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease, default], description: Namespaces that need no quota.}
package k8s.namespace_quota_missing

_parameters := data.parameters.namespace_quota_missing

fail contains {
	"path": "/metadata/name",
	"message": sprintf("No quota of namespace %s limits %s.", [input.meta.name, concat(", ", _missing)]),
	"evidence": {"missing": _missing, "quotas": [quota.name | some quota in input.related.quotas.items]},
} if {
	count(_missing) > 0
	count(skip) == 0
}

_missing := {one | some one in _parameters.limited; not _limited(one)}

_limited(one) if {
	some quota in input.related.quotas.items
	not quota.scoped
	some form in ["%s", "requests.%s", "limits.%s", "count/%s"]
	sprintf(form, [one]) in quota.hard
}

skip contains "This namespace is exempt: the cluster itself uses it, or nobody should." if {
	input.meta.name in _parameters.exempt_namespaces
}

skip contains "The manifests hold no ResourceQuota of it, and the cluster may have one." if not input.related.quotas.items
