# METADATA
# title: ServiceAccount does not exist
# description: >-
#   Admission refuses every pod that names a ServiceAccount which is not there. What runs goes on until
#   a pod is replaced or its token ends, then nothing comes up again. And whoever may create that
#   ServiceAccount gets what has been granted to its name.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
# custom:
#   severity: high
#   category: availability
#   kinds: [workload]
#   needs: [service_account]
#   remediation: >-
#     Create the ServiceAccount in the namespace of the workload, or name one that exists in
#     serviceAccountName.
package k8s.service_account_missing

import data.lib.service_account

fail contains {
	"path": sprintf("%s/serviceAccountName", [input.pod.path]),
	"message": sprintf("ServiceAccount %s does not exist in its namespace: new pods are refused.", [name]),
	"evidence": {"serviceAccount": name},
} if {
	input.related.service_account.found == false
	not service_account.static
	name := input.pod.spec.serviceAccountName
}

skip contains service_account.static

skip contains "The manifests hold no such ServiceAccount, and the cluster may have it." if {
	object.get(input.related.service_account, "found", "") == ""
	not service_account.static
}
