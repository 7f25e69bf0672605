# METADATA
# title: Workload has no priority of its own
# description: >-
#   Without a PriorityClass all pods are equal: when a node runs full, the scheduler and the kubelet cannot tell
#   what the service lives on from what can wait. The classes of the system stand above everything else, and
#   belong to what a node or the cluster cannot do without.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
# custom:
#   severity: [info, low]
#   category: availability
#   kinds: [long_running]
#   excuses: [priority_classes]
#   remediation: Name a PriorityClass of your own in priorityClassName, or make one the default of the cluster.
#   same_as: [priorityClassNotSet, priority-class-name]
package k8s.priority_class_missing

fail contains _finding("info", "It names no PriorityClass, and there is no default one.", {}) if {
	not input.pod.spec.priorityClassName
	not input.related.priority_classes["default"]
}

fail contains _finding("low", sprintf("It has %s, which is for parts of the system.", [name]), {"priorityClassName": name}) if {
	name := input.pod.spec.priorityClassName
	startswith(name, "system-")
	input.meta.namespace != "kube-system"
}

_finding(severity, message, evidence) := {
	"path": sprintf("%s/priorityClassName", [input.pod.path]),
	"message": message,
	"severity": severity,
	"evidence": evidence,
}
