# METADATA
# title: API server answers requests of nobody in particular
# description: >-
#   Requests without credentials are let in as system:anonymous. What that user may do is up to the bindings, and
#   one that is too wide opens the cluster to everybody who reaches its port.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: >-
#     Set --anonymous-auth=false, or name in a file of --authentication-config the paths that answer without
#     credentials.
#   same_as: [KCV-0001]
package k8s.apiserver_anonymous_auth_enabled

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"anonymous-auth": true}) if {
	count(unknown) == 0
	control_plane.switched("kube-apiserver", "anonymous-auth", true)
	fault := "lets requests without credentials in as system:anonymous"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"anonymous-auth"}, {"authentication-config"})

skip contains control_plane.absent("kube-apiserver")
