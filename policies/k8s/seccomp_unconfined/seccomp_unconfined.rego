# METADATA
# title: Seccomp turned off explicitly
# description: >-
#   Without a seccomp filter a container may use every system call of the kernel, also the rarely
#   needed ones in which most escapes were found. Who sets Unconfined asks for that. Clusters before
#   v1.19 are judged by the annotations that were used then.
# related_resources:
#   - ref: https://kubernetes.io/docs/tutorials/security/seccomp/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   supersedes: [seccomp_profile_missing]
#   remediation: Set securityContext.seccompProfile.type to RuntimeDefault, or to Localhost with a profile.
#   same_as: [KSV-0104, C-0055, linuxHardening]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.seccomp_unconfined

import data.lib.seccomp

fail contains finding if {
	some finding in seccomp.unconfined(data.parameters.seccomp_unconfined.pss_version)
}
