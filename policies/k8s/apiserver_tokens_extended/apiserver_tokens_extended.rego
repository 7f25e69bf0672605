# METADATA
# title: Tokens of pods are good for a year
# description: >-
#   For the sake of old clients the API server makes the tokens that pods mount good for a year in place of an hour.
#   What has been read out of a pod can be used that long, as long as the pod is there.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: >-
#     Set --service-account-extend-token-expiration=false, after the metric serviceaccount_stale_tokens_total says
#     that nobody needs it.
package k8s.apiserver_tokens_extended

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"service-account-extend-token-expiration": true}) if {
	count(unknown) == 0
	control_plane.switched("kube-apiserver", "service-account-extend-token-expiration", true)
	fault := "makes the tokens of pods good for a year"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"service-account-extend-token-expiration"}, set())

skip contains control_plane.absent("kube-apiserver")
