# METADATA
# title: What baseline and restricted forbid alike about seccomp
# description: Fields are judged since v1.19, before that the annotations; the other is then ignored.
# related_resources:
#   - ref: https://kubernetes.io/docs/tutorials/security/seccomp/
package lib.seccomp

import data.lib.pod_security
import data.lib.pointer

# METADATA
# title: A finding for each setter of a profile other than RuntimeDefault and Localhost
unconfined(asked) := _fields if {
	pod_security.minor(asked) >= 19
} else := _annotations

_fields contains {
	"path": path,
	"message": sprintf("%s sets seccompProfile.type to %q.", [setter.who, type]),
	"evidence": object.union(setter.evidence, {"type": type}),
	"patch": [{"op": "replace", "path": path, "value": {"type": "RuntimeDefault"}}],
} if {
	some setter in pod_security.setters
	type := object.get(setter.context.seccompProfile, "type", "")
	not type in {"RuntimeDefault", "Localhost"}
	path := sprintf("%s/seccompProfile", [setter.path])
}

_annotations contains {
	"path": path,
	"message": sprintf("Annotation %s asks for the seccomp profile %q.", [key, profile]),
	"evidence": {"annotation": key, "value": profile},
	"patch": [{"op": "remove", "path": path}],
} if {
	some key in _keys
	profile := input.pod.annotations[key]
	not profile in {"runtime/default", "docker/default"}
	not startswith(profile, "localhost/")
	path := pointer.annotation(key)
}

# an annotation for a container that does not exist is not judged
_keys := {"seccomp.security.alpha.kubernetes.io/pod"} | {key |
	some container in input.containers
	key := sprintf("container.seccomp.security.alpha.kubernetes.io/%s", [container.name])
}
