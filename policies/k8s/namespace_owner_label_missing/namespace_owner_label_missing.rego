# METADATA
# title: Nobody is named as responsible for a namespace
# description: >-
#   Findings and alerts of a namespace have to reach somebody, and a waiver needs somebody who asks for it. Without
#   the label everybody takes it for the business of others.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
# custom:
#   severity: low
#   category: namespace
#   kinds: [Namespace]
#   remediation: Give the namespace the label that names its owner, a team rather than a person.
#   parameters:
#     owner_label: {default: owner, description: The label that names who is responsible.}
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease, default], description: Namespaces that need no owner.}
package k8s.namespace_owner_label_missing

_parameters := data.parameters.namespace_owner_label_missing

_exempt if input.meta.name in _parameters.exempt_namespaces

fail contains {
	"path": sprintf("/metadata/labels/%s", [replace(_parameters.owner_label, "/", "~1")]),
	"message": sprintf("Namespace %s has no label %s.", [input.meta.name, _parameters.owner_label]),
	"evidence": {"label": _parameters.owner_label},
} if {
	object.get(input.meta.labels, _parameters.owner_label, "") == ""
	not _exempt
}

skip contains "This namespace is exempt: the cluster itself uses it, or nobody should." if _exempt
