# METADATA
# title: ConfigMap holds a credential
# description: >-
#   ConfigMaps are read by many more people and programs than Secrets, are not encrypted where Secrets are, and
#   stand in repositories. What looks like a credential is told by the name of the key, by names in the text and
#   by the form of the value; the value itself is removed before anything is judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/configmap/
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: [high, medium]
#   category: secrets
#   kinds: [ConfigMap]
#   remediation: >-
#     Change the credential, which counts as known, put the new one into a Secret, and let the configuration
#     refer to a file or a variable.
#   same_as: [KSV-0109, KSV-01010, C-0012, sensitiveConfigmapContent]
#   parameters:
#     exempt:
#       description: Names of ConfigMaps that the cluster itself writes, and that hold certificates.
#       default: [extension-apiserver-authentication, kube-root-ca.crt, openshift-service-ca.crt]
#     allowed_keys:
#       default: []
#       description: Keys that only look like credentials by names; a value of a known form fails all the same.
package k8s.config_map_with_credentials

_parameters := data.parameters.config_map_with_credentials

fail contains {
	"path": sprintf("/data/%s", [replace(replace(key, "~", "~0"), "/", "~1")]),
	"message": sprintf("The value of %s, of %d characters, %s.", [key, value.length, _words(value.class)]),
	"severity": _severity(value.class),
	"evidence": {"key": key, "class": value.class, "length": value.length},
} if {
	some key, value in input.spec.data
	not value.class in _harmless
	not _allowed(key, value.class)
	not input.meta.name in _parameters.exempt
}

skip contains "The cluster itself writes it, and it holds certificates." if input.meta.name in _parameters.exempt

# a path, or the address of something, may only say where the credential is
_harmless := {"text", "named_path"}

_by_name := {"named", "directive"}

_allowed(key, class) if {
	class in _by_name
	key in _parameters.allowed_keys
}

_severity(class) := "medium" if class in _by_name

_severity(class) := "high" if not class in _by_name

_words(class) := "gives something a value whose name says credential" if class in _by_name

_words(class) := sprintf("holds a credential (%s)", [replace(class, "_", " ")]) if not class in _by_name
