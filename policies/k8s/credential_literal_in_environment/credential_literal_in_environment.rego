# METADATA
# title: Credential is written into an environment variable
# description: >-
#   Whoever may read the pod, its owner or the repository that holds the manifest can read the
#   credential; it cannot be changed without a rollout, and it stays in every revision that is kept.
#   What looks like a credential is told by the name of the variable and by the form of the value; the
#   value itself is removed before anything is judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/secret/
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: high
#   category: secrets
#   kinds: [workload]
#   remediation: >-
#     Change the credential, which counts as known, put the new one into a Secret, and mount that or
#     refer to it with valueFrom.secretKeyRef.
#   same_as: [C-0012, sensitiveContainerEnvVar]
#   parameters:
#     allowed_names:
#       default: []
#       description: Variables whose name alone looks like a credential; a value of a known form fails all the same.
package k8s.credential_literal_in_environment

# a literal that looked like a credential was replaced by its class and its length
fail contains {
	"path": sprintf("%s/env/%d/value", [container.path, i]),
	"message": sprintf(
		"Container %s has a credential of %d characters (%s) as the literal value of %s.",
		[container.name, variable.value.length, _form(class), variable.name],
	),
	"evidence": {"container": container.name, "role": container.role, "variable": variable.name, "value": variable.value},
} if {
	some container in input.containers
	some i, variable in container.body.env
	class := variable.value.class
	not _allowed(variable.name, class)
}

_allowed(name, "named") if name in data.parameters.credential_literal_in_environment.allowed_names

# a path, or the address of something, may only say where the credential is
_allowed(_, "named_path")

_form("named") := "told by its name"

_form(class) := replace(class, "_", " ") if class != "named"
