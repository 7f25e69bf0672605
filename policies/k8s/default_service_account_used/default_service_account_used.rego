# METADATA
# title: Workload uses the default ServiceAccount
# description: >-
#   All pods of a namespace that name no ServiceAccount share this one: what is granted to it for one of
#   them, all others may do as well, and nobody can tell them apart. It is judged where a token of it is
#   mounted.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
# custom:
#   severity: medium
#   category: rbac
#   kinds: [workload]
#   needs: [service_account]
#   remediation: >-
#     Make a ServiceAccount for the workload and name it in serviceAccountName, or mount no token: set
#     automountServiceAccountToken of the pod to false.
#   same_as: [C-0189, default-service-account]
package k8s.default_service_account_used

import data.lib.service_account

fail contains {
	"path": sprintf("%s/serviceAccountName", [input.pod.path]),
	"message": "Its pods run as the ServiceAccount default of their namespace, and a token of it is mounted.",
	"evidence": {"serviceAccount": "default", "tokens": _tokens},
} if {
	input.pod.spec.serviceAccountName == "default"
	count(_tokens) > 0
	not service_account.static
}

_tokens contains "automountServiceAccountToken" if {
	service_account.automount.mounted
	count(service_account.takers) > 0
}

# the token that admission adds to a live pod is told by the field
_tokens contains sprintf("volume %s", [volume.name]) if {
	some volume in input.pod.spec.volumes
	some source in volume.projected.sources
	source.serviceAccountToken
	not startswith(volume.name, "kube-api-access-")
}

skip contains service_account.static

skip contains "No token of it is mounted." if {
	input.pod.spec.serviceAccountName == "default"
	count(_tokens) == 0
	not service_account.static
}
