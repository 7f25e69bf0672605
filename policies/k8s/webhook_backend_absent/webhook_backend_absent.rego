# METADATA
# title: Nobody answers for a webhook or an extension of the API
# description: >-
#   Its Service is not there, has not the port that is asked, or no pod of it is ready. Admission then refuses what
#   it should ask about, or asks nobody; objects of a custom kind cannot be read, and namespaces not be deleted. It is
#   often what an uninstalled operator leaves behind. Whether certificates are still good is not looked at.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
#   - ref: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion
#   - ref: https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [ValidatingWebhookConfiguration, MutatingWebhookConfiguration, CustomResourceDefinition, APIService]
#   needs: [backends]
#   remediation: Bring the pods behind the Service back, or delete what calls it if nothing is meant to answer any more.
package k8s.webhook_backend_absent

import data.lib.backend

fail contains {
	"path": path,
	"message": sprintf("Nobody answers for %s: Service %s/%s %s.", [caller, ref.namespace, ref.name, fault]),
	"evidence": {"service": ref},
	"related": [{"apiVersion": "v1", "kind": "Service", "namespace": ref.namespace, "name": ref.name}],
} if {
	some [path, caller, ref] in _calls
	fault := backend.fault(ref)
}

_calls contains [sprintf("/webhooks/%d/clientConfig/service", [i]), sprintf("webhook %s", [hook.name]), ref] if {
	some i, hook in input.spec.webhooks
	ref := _on_443(hook.clientConfig.service)
}

_calls contains ["/spec/conversion/webhook/clientConfig/service", "the conversion of its objects", ref] if {
	ref := _on_443(input.spec.conversion.webhook.clientConfig.service)
}

_calls contains ["/spec/service", "this API", _on_443(input.spec.service)]

_on_443(service) := object.union({"port": 443}, service)

skip contains "It calls no Service of the cluster." if count(_calls) == 0

skip contains backend.none_told({ref | some [_, _, ref] in _calls})
