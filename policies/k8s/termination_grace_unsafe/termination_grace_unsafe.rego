# METADATA
# title: Time to stop is none, used up, or very long
# description: >-
#   A pod that is stopped has its grace period for the preStop hook and for finishing its work; then it
#   is killed. Without one, or with a hook that takes all of it, requests are cut and data may be
#   lost. A very long one holds up drains and rollouts.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
# custom:
#   severity: [medium, info]
#   category: availability
#   kinds: [long_running]
#   remediation: Set terminationGracePeriodSeconds to more than the hook and the last request take together.
#   parameters:
#     max: {default: 600, description: Seconds; a longer grace period is told for information.}
package k8s.termination_grace_unsafe

_grace := input.pod.spec.terminationGracePeriodSeconds
_effective := max({_grace, 1}) if _grace != 0 # a negative one counts as a second
_path := sprintf("%s/terminationGracePeriodSeconds", [input.pod.path])

fail contains _finding(_path, "medium", {}, "Containers are killed without any time to stop") if _grace == 0

fail contains _finding(_path, "info", {}, "A pod that does not stop holds up drains for long") if {
	_grace > data.parameters.termination_grace_unsafe.max
}

fail contains _finding(path, "medium", {"preStop": seconds}, says) if {
	some container in input.containers
	seconds := _hook(container.body.lifecycle.preStop)
	seconds >= _effective
	path := sprintf("%s/lifecycle/preStop", [container.path])
	says := sprintf("The preStop hook of container %s takes %d s of the time to stop", [container.name, seconds])
}

fail contains _finding(path, "medium", {kind: seconds}, says) if {
	some container in input.containers
	some kind in ["livenessProbe", "startupProbe"]
	seconds := container.body[kind].terminationGracePeriodSeconds
	seconds > _effective
	path := sprintf("%s/%s/terminationGracePeriodSeconds", [container.path, kind])
	says := sprintf("The %s of container %s gives %d s to stop, more than the pod", [kind, container.name, seconds])
}

_finding(path, severity, evidence, says) := {
	"path": path,
	"message": sprintf("%s: terminationGracePeriodSeconds is %d.", [says, _grace]),
	"severity": severity,
	"evidence": object.union({"terminationGracePeriodSeconds": _grace}, evidence),
} if input.pod.spec.restartPolicy == "Always"

_hook(hook) := hook.sleep.seconds

_hook(hook) := to_number(found[0][1]) if {
	words := concat(" ", [word | some word in hook.exec.command; is_string(word)])
	found := regex.find_all_string_submatch_n(`^(?:\S*sh -c )?(?:\S*/)?sleep ([0-9]+)s?$`, words, -1)
}

skip contains "Its containers end by themselves." if input.pod.spec.restartPolicy != "Always"
