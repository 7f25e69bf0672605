# METADATA
# title: AppArmor turned off or replaced
# description: >-
#   On nodes with AppArmor the runtime's default profile keeps a container from mounting, from
#   writing to /proc and /sys and from tracing others. Unconfined, or a profile of no valid type,
#   gives that up.
# related_resources:
#   - ref: https://kubernetes.io/docs/tutorials/security/apparmor/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: >-
#     Set securityContext.appArmorProfile.type to RuntimeDefault or Localhost, or remove the profile
#     and the container.apparmor.security.beta.kubernetes.io annotation of the pod.
#   same_as: [KSV-0002, C-0055, linuxHardening]
package k8s.apparmor_unconfined

import data.lib.pod_security
import data.lib.pointer

fail contains {
	"path": path,
	"message": sprintf("%s sets appArmorProfile.type to %q.", [setter.who, type]),
	"evidence": object.union(setter.evidence, {"type": type}),
	"patch": [{"op": "replace", "path": path, "value": {"type": "RuntimeDefault"}}],
} if {
	some setter in pod_security.setters
	type := object.get(setter.context.appArmorProfile, "type", "")
	not type in {"RuntimeDefault", "Localhost"}
	path := sprintf("%s/appArmorProfile", [setter.path])
}

# judged even for the name of a container that does not exist, as in admission
fail contains {
	"path": path,
	"message": sprintf("Annotation %s asks for the AppArmor profile %q.", [key, profile]),
	"evidence": {"annotation": key, "value": profile},
	"patch": [{"op": "remove", "path": path}],
} if {
	some key, profile in input.pod.annotations
	startswith(key, "container.apparmor.security.beta.kubernetes.io/")
	not profile in {"", "runtime/default"}
	not startswith(profile, "localhost/")
	path := pointer.annotation(key)
}
