# METADATA
# title: No seccomp profile
# description: >-
#   Unless the kubelet is configured otherwise, a container without a profile may use every system
#   call of the kernel. The runtime's default profile blocks those that containers do not need.
#   Before v1.19 the standards only judged the annotations that turn seccomp off.
# related_resources:
#   - ref: https://kubernetes.io/docs/tutorials/security/seccomp/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   remediation: Set securityContext.seccompProfile.type of the pod to RuntimeDefault.
#   same_as: [KSV-0030, set-seccomp-profile, linuxHardening]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.seccomp_profile_missing

import data.lib.pod_security
import data.lib.pointer
import data.lib.seccomp

_version := data.parameters.seccomp_profile_missing.pss_version

_keys := ["securityContext", "seccompProfile"]

fail contains finding if {
	not pod_security.windows(_version)
	some finding in seccomp.unconfined(_version)
}

# a wrong profile of the pod is a finding of its own
fail contains {
	"path": sprintf("%s/%s", [container.path, concat("/", _keys)]),
	"message": sprintf("Neither the pod nor container %s sets a seccomp profile.", [container.name]),
	"evidence": {"container": container.name, "role": container.role},
	"patch": pointer.put(input.pod.path, input.pod.spec, _keys, {"type": "RuntimeDefault"}),
} if {
	not pod_security.not_yet(_version, 19)
	not pod_security.windows(_version)
	not input.pod.spec.securityContext.seccompProfile
	some container in input.containers
	not container.body.securityContext.seccompProfile
}

skip contains pod_security.windows(_version)
