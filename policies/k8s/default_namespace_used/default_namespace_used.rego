# METADATA
# title: Object in the namespace default
# description: >-
#   Namespaces are the boundary for rights, quotas, network policies and pod security levels. What
#   lies in the default one shares all of them with everything that was put there because nobody
#   named a namespace.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
# custom:
#   severity: low
#   category: namespace
#   kinds: [workload, Service, ConfigMap, ServiceAccount]
#   remediation: Move the object into a namespace of its application.
#   same_as: [KSV-0110, C-0061, C-0212, use-namespace]
#   parameters:
#     treat_absent_as_default: {default: false, description: Judge manifests without a namespace as if they went there.}
#     exempt:
#       default:
#         - Service/kubernetes
#         - Service/openshift
#         - ServiceAccount/builder
#         - ServiceAccount/default
#         - ServiceAccount/deployer
#         - ConfigMap/istio-ca-root-cert
#         - ConfigMap/kube-root-ca.crt
#         - ConfigMap/openshift-service-ca.crt
#       description: What the cluster itself puts there, as kind/name.
#       pattern: '[A-Za-z]+/.+'
package k8s.default_namespace_used

_parameters := data.parameters.default_namespace_used

fail contains {
	"path": "/metadata/namespace",
	"message": sprintf("%s %s lies in the namespace default.", [input.meta.kind, input.meta.name]),
	"evidence": {"namespace": input.meta.namespace},
} if {
	_namespace == "default"
	not _exempt
}

skip contains "The manifest names no namespace: whoever applies it chooses one." if {
	input.meta.namespace == ""
	not _parameters.treat_absent_as_default
}

skip contains "The cluster itself puts it there." if _exempt

_namespace := input.meta.namespace if input.meta.namespace != ""

_namespace := "default" if {
	input.meta.namespace == ""
	_parameters.treat_absent_as_default
}

_exempt if {
	_namespace == "default"
	concat("/", [input.meta.kind, input.meta.name]) in _parameters.exempt
}
