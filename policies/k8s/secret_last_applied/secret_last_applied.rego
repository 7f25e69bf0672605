# METADATA
# title: Secret is copied into an annotation
# description: >-
#   kubectl apply keeps the whole object in an annotation, the values of a Secret too, in base64. The annotation is
#   metadata: it is shown and stored by programs that are careful with values and not with annotations, and stays
#   when the values are changed by other means. Nothing of it is kept here.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-to-create-objects
#   - ref: https://kubernetes.io/docs/reference/using-api/server-side-apply/
# custom:
#   severity: high
#   category: secrets
#   kinds: [Secret]
#   remediation: >-
#     Apply it with kubectl apply --server-side, or create it by a tool that keeps no copy, and remove the annotation
#     kubectl.kubernetes.io/last-applied-configuration. What stood in it counts as known; change it.
package k8s.secret_last_applied

fail contains {
	"path": "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
	"message": "What it holds stands once more in the annotation of kubectl apply.",
	"evidence": {"annotation": "kubectl.kubernetes.io/last-applied-configuration"},
} if {
	input.spec.lastApplied == true
}
