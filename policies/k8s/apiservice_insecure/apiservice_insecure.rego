# METADATA
# title: Extension of the API is trusted unseen
# description: >-
#   With insecureSkipTLSVerify the API server does not check who answers for a part of the API. Whoever stands between
#   them sees the requests of users, with the name that they are made under, and answers in place of the extension.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
#   - ref: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [APIService]
#   remediation: Set caBundle of the APIService to the authority of the extension's certificate, and remove insecureSkipTLSVerify.
package k8s.apiservice_insecure

fail contains {
	"path": "/spec/insecureSkipTLSVerify",
	"message": sprintf("The API server does not check who answers for APIService %s.", [input.meta.name]),
	"evidence": {"service": object.get(input.spec, "service", {})},
} if {
	input.spec.insecureSkipTLSVerify == true
}
