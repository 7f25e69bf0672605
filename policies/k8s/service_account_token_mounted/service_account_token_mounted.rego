# METADATA
# title: Token of the ServiceAccount is mounted
# description: >-
#   Whoever breaks into a container that holds a token can speak to the API server as its ServiceAccount.
#   Most programs never do, and need none. The token is mounted unless the pod or its ServiceAccount
#   says otherwise; the pod wins.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
# custom:
#   severity: medium
#   category: rbac
#   kinds: [workload]
#   needs: [service_account]
#   remediation: >-
#     Set automountServiceAccountToken of the pod to false, unless its programs use the API of the
#     cluster; if they do, name the ServiceAccount in the parameter exempt_service_accounts.
#   same_as: [KSV-0036, C-0034, C-0190, automountServiceAccountToken]
#   parameters:
#     exempt_service_accounts:
#       description: Those whose pods use the API, as NAMESPACE/NAME
#       default: []
package k8s.service_account_token_mounted

import data.lib.service_account

fail contains {
	"path": path,
	"message": sprintf("A token of ServiceAccount %s is mounted: %s.", [input.pod.spec.serviceAccountName, _why]),
	"evidence": {
		"serviceAccount": input.pod.spec.serviceAccountName,
		"decided_by": service_account.automount.by,
		"containers": service_account.takers,
	},
	"patch": [{"op": "add", "path": path, "value": false}],
} if {
	service_account.automount.mounted
	count(service_account.takers) > 0
	count(skip) == 0
	path := sprintf("%s/automountServiceAccountToken", [input.pod.path])
}

_why := "its pods do not turn that off, and it does not exist" if {
	service_account.automount.by == "default"
	input.related.service_account.found == false
} else := "neither it nor its pods turn that off" if {
	service_account.automount.by == "default"
} else := sprintf("%s asks for it", [service_account.automount.by])

skip contains service_account.static

skip contains "Its ServiceAccount is exempt by the parameter exempt_service_accounts." if {
	some entry in data.parameters.service_account_token_mounted.exempt_service_accounts
	entry == concat("/", [_namespace, input.pod.spec.serviceAccountName])
}

_namespace := "default" if input.meta.namespace == ""

else := input.meta.namespace
