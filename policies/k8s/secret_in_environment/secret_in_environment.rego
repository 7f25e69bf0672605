# METADATA
# title: Secret is handed over as an environment variable
# description: >-
#   Environment variables end up in crash reports, debug pages and child processes, and stay as they
#   are when the Secret changes. The same Secret mounted as a file is read by the program alone and
#   follows changes.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: low
#   category: secrets
#   kinds: [workload]
#   remediation: Mount the Secret as a volume and let the program read the file.
#   same_as: [env-var-secret, read-secret-from-env-var, rule-secrets-in-env-var, C-0207]
#   parameters:
#     allow_optional: {default: false, description: Pass over references to Secrets that need not exist.}
package k8s.secret_in_environment

fail contains {
	"path": container.path,
	"message": sprintf("Container %s has Secret %s in its environment.", [container.name, concat(" and Secret ", secrets)]),
	"evidence": {"container": container.name, "role": container.role, "secrets": secrets, "variables": variables},
} if {
	some i, handed in _handed
	container := input.containers[i]
	secrets := {name | some [name, _] in handed}
	variables := {variable | some [_, variable] in handed; variable != ""}
}

_handed[i] contains [reference.name, variable.name] if {
	some i, container in input.containers
	some variable in container.body.env
	reference := variable.valueFrom.secretKeyRef
	_counts(reference)
}

# every key of the Secret, under its own name
_handed[i] contains [source.secretRef.name, ""] if {
	some i, container in input.containers
	some source in container.body.envFrom
	_counts(source.secretRef)
}

_counts(reference) if not reference.optional

_counts(_) if not data.parameters.secret_in_environment.allow_optional
