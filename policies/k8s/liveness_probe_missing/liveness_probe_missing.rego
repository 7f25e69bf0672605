# METADATA
# title: Container has no liveness probe
# description: >-
#   A container that hangs without ending stays as it is until somebody looks. A liveness probe
#   restarts it. A probe that fails under load does more harm than none, so this is for information.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   severity: info
#   category: availability
#   kinds: [long_running]
#   remediation: >-
#     Give the container a livenessProbe that fails only when a restart is what helps, and not when
#     something that it depends on is away.
#   same_as: [C-0056, livenessProbeMissing, no-liveness-probe]
package k8s.liveness_probe_missing

fail contains {
	"path": sprintf("%s/livenessProbe", [container.path]),
	"message": sprintf("Container %s has no liveness probe.", [container.name]),
	"evidence": {"container": container.name, "role": container.role},
} if {
	some container in input.containers
	not container.body.livenessProbe
	container.role in {"app", "sidecar"}
	input.pod.spec.restartPolicy == "Always"
}

skip contains "Its containers are not restarted when they have done their work." if {
	input.pod.spec.restartPolicy != "Always"
}
