# METADATA
# title: Secret holds a token that never ends
# description: >-
#   A Secret of the type kubernetes.io/service-account-token holds a token of a ServiceAccount that is valid until
#   the Secret is deleted, for everybody who can read it, in the cluster or in a backup. Since Kubernetes 1.24 pods
#   get tokens that end by themselves, and no such Secret is made unless somebody asks for it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner
# custom:
#   severity: [medium, low]
#   category: secrets
#   kinds: [Secret]
#   remediation: >-
#     Let who uses it ask for tokens that end (TokenRequest, kubectl create token), or use a projected volume; then
#     delete the Secret, which ends the token.
#   same_as: [check-serviceaccount-secrets]
package k8s.secret_legacy_token

_account := object.get(object.get(input.meta, "annotations", {}), "kubernetes.io/service-account.name", "")

_label(name) := object.get(object.get(input.meta, "labels", {}), sprintf("kubernetes.io/legacy-token-%s", [name]), "")

fail contains {
	"path": "/type",
	"message": sprintf("It holds a token of ServiceAccount %s that is valid until it is deleted%s.", [_account, _remark]),
	"severity": _severity,
	"evidence": {"account": _account, "last_used": _label("last-used"), "invalid_since": _label("invalid-since")},
} if {
	input.spec.type == "kubernetes.io/service-account-token"
}

default _severity := "medium"

_severity := "low" if _label("invalid-since") != ""

_remark := sprintf("; it counts as invalid since %s, and will be deleted", [_label("invalid-since")]) if {
	_label("invalid-since") != ""
} else := sprintf("; last used on %s", [_label("last-used")]) if {
	_label("last-used") != ""
} else := ""
