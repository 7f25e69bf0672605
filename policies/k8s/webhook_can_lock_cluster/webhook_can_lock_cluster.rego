# METADATA
# title: Admission webhook can bring the cluster to a standstill
# description: >-
#   A webhook that fails closed refuses whatever it is asked about while it does not answer. If that is pods of
#   kube-system or of its own namespace, nodes or leases, nodes go missing, leaders are lost, and the pods that
#   would answer again are refused as well: people have to delete the webhook by hand.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#avoiding-operating-on-the-kube-system-namespace
# custom:
#   severity: high
#   category: control_plane
#   kinds: [ValidatingWebhookConfiguration, MutatingWebhookConfiguration]
#   needs: [hook_namespaces]
#   remediation: >-
#     Exclude kube-system, kube-node-lease and the namespace of the webhook by namespaceSelector with
#     kubernetes.io/metadata.name, and name in its rules only the resources that it judges.
#   same_as: [C-0039]
package k8s.webhook_can_lock_cluster

import data.lib.webhook

fail contains {
	"path": sprintf("/webhooks/%d/failurePolicy", [i]),
	"message": sprintf("While webhook %s does not answer, the API server refuses %s.", [hook.name, concat(", ", reached)]),
	"evidence": {"webhook": hook.name, "failurePolicy": "Fail", "refused": reached},
} if {
	some i, hook in _closed
	not hook.matchConditions
	reached := webhook.reached(hook)
	count(reached) > 0
}

_closed[i] := hook if {
	some i, hook in input.spec.webhooks
	object.get(hook, "failurePolicy", "Fail") == "Fail"
}

unknown contains sprintf("Whether webhook %s is asked about %s is up to its matchConditions, which are not evaluated.", [
	hook.name,
	concat(", ", reached),
]) if {
	some hook in _closed
	hook.matchConditions
	reached := webhook.reached(hook)
	count(reached) > 0
}

unknown contains sprintf("Whether webhook %s selects the namespace %s is not known: its labels were not read.", [
	hook.name,
	namespace,
]) if {
	some hook in _closed
	some namespace in webhook.untold(hook)
}
