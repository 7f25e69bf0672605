# METADATA
# title: Tokens are checked by a key that is not their own
# description: >-
#   Without --service-account-key-file the API server checks tokens of service accounts by the key of its own TLS
#   certificate: one cannot be changed without the other.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --service-account-key-file to a key that is used for nothing else.
#   same_as: [KCV-0025]
package k8s.apiserver_service_account_key_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {}) if {
	count(unknown) == 0
	count(control_plane.missing("kube-apiserver", {"service-account-key-file"})) == 1
	fault := "has no key of its own for tokens: it has no --service-account-key-file"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"service-account-key-file"}, set())

skip contains control_plane.absent("kube-apiserver")
