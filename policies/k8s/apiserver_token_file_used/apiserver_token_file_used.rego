# METADATA
# title: API server takes passwords out of a file
# description: >-
#   The tokens of --token-auth-file stand in clear text on the node, never end, and cannot be taken back before the
#   API server is restarted.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Remove --token-auth-file, and log people in by OpenID Connect or client certificates that end soon.
#   same_as: [KCV-0002]
package k8s.apiserver_token_file_used

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, control_plane.values("kube-apiserver", {"token-auth-file"})) if {
	count(unknown) == 0
	control_plane.flag("kube-apiserver", "token-auth-file") != ""
	fault := "takes tokens that never end out of a file"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"token-auth-file"}, set())

skip contains control_plane.absent("kube-apiserver")
