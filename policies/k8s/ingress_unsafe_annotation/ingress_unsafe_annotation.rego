# METADATA
# title: Annotation of an Ingress writes into its controller
# description: >-
#   A snippet goes into the configuration of the proxy as it is, and the proxy has the certificates of all namespaces:
#   who may write an Ingress reads them. A URL that the proxy is to ask can do the same by characters that end a line
#   of its configuration, or lead it to the addresses of the node and its cloud.
# related_resources:
#   - ref: https://kubernetes.github.io/ingress-nginx/faq/#what-are-the-security-considerations-for-snippets
#   - ref: https://github.com/kubernetes/kubernetes/issues/131006
# custom:
#   severity: high
#   category: network
#   kinds: [Ingress]
#   remediation: Remove the annotation, use one that sets what you need and nothing else, and turn snippets off.
#   same_as: [C-0059, KSV-0093]
#   parameters:
#     unsafe: {default: ['^nginx\.ingress\.kubernetes\.io/[a-z-]*snippet$', '^nginx\.org/[a-z-]*snippets$', '^haproxy\.org/[a-z-]*config-snippet$', '^haproxy-ingress\.github\.io/config-[a-z-]+$'], description: 'Names of annotations that are unsafe whatever they hold, as regular expressions.'}
#     urls: {default: ['^nginx\.ingress\.kubernetes\.io/(?:auth-url|auth-signin|mirror-target)$'], description: 'Names of annotations that hold a URL for the proxy, as regular expressions.'}
package k8s.ingress_unsafe_annotation

_parameters := data.parameters.ingress_unsafe_annotation

fail contains {
	"path": path,
	"message": sprintf("Annotation %s %s.", [name, fault]),
	"evidence": {"annotation": name},
	"patch": [{"op": "remove", "path": path}],
} if {
	some name, fault in _faults
	path := sprintf("/metadata/annotations/%s", [replace(name, "/", "~1")])
}

_faults[name] := "is written into the configuration of the proxy as it is" if {
	some name, _ in input.meta.annotations
	_matches(name, _parameters.unsafe)
}

_faults[name] := "can end a line of the configuration of the proxy" if {
	some name, value in _urls
	value != "{hidden}"
	regex.match(`[\s;{}"'#\\]`, value)
}

_faults[name] := "leads the proxy to an address of its own node or cloud" if {
	some name, value in _urls
	regex.match(`(?i)^[a-z]+://(?:localhost|127\.|169\.254\.|\[::1\]|metadata\.google\.internal)[^\s;{}"'#\\]*$`, value)
}

unknown contains sprintf("Where annotation %s leads is hidden, as it holds a credential.", [name]) if some name, "{hidden}" in _urls

_urls[name] := object.get({true: "{hidden}"}, is_object(value), value) if {
	some name, value in input.meta.annotations
	_matches(name, _parameters.urls)
}

_matches(name, patterns) if {
	some pattern in patterns
	regex.match(pattern, name)
}
