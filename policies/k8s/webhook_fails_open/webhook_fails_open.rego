# METADATA
# title: Admission webhook that guards security fails open
# description: >-
#   While such a webhook does not answer, or takes longer than its time-out, the API server lets through what it
#   would refuse. Who can overload it, or delete its pods, gets past all of its rules, and nothing tells that
#   they were not asked.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy
#   - ref: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [ValidatingWebhookConfiguration]
#   remediation: >-
#     Set failurePolicy of the webhook to Fail, after it runs in several replicas and the namespaces that the
#     cluster itself needs are excluded.
#   same_as: [C-0036]
#   parameters:
#     security_webhooks: {default: ['(^|\.)gatekeeper\.sh$', '^validate\.kyverno\.svc', '\.kubewarden\.admission$', '^policy\.sigstore\.dev$', '^validating-webhook\.openpolicyagent\.org$', '^pod-security-webhook\.kubernetes\.io$'], description: 'Names of webhooks that guard security, as regular expressions.'}
package k8s.webhook_fails_open

fail contains {
	"path": sprintf("/webhooks/%d/failurePolicy", [i]),
	"message": sprintf("While webhook %s does not answer, what it guards against is let through.", [hook.name]),
	"evidence": {"webhook": hook.name, "failurePolicy": hook.failurePolicy},
} if {
	some i, hook in _guards
	hook.failurePolicy == "Ignore"
}

_guards[i] := hook if {
	some i, hook in input.spec.webhooks
	some pattern in data.parameters.webhook_fails_open.security_webhooks
	regex.match(pattern, hook.name)
}

skip contains "None of its webhooks is known to guard security." if count(_guards) == 0
