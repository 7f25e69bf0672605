# METADATA
# title: Capability beyond the default set
# description: >-
#   Each capability is a piece of root's power. Those outside the default set of container runtimes
#   reach the kernel, the network or other processes of the node; the worst of them amount to root.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: [high, critical]
#   category: pod_security
#   kinds: [workload]
#   supersedes: [capabilities_not_dropped]
#   remediation: Remove the capability from securityContext.capabilities.add of the container.
#   same_as:
#     - KSV-0005
#     - KSV-0022
#     - KSV-0119
#     - KSV-0120
#     - C-0046
#     - dangerousCapabilities
#     - insecureCapabilities
#     - drop-net-raw-capability
#   parameters:
#     critical_capabilities:
#       description: What amounts to root on the node, without the prefix CAP_
#       default: [ALL, BPF, DAC_READ_SEARCH, NET_ADMIN, SYS_ADMIN, SYS_MODULE, SYS_PTRACE, SYS_RAWIO]
package k8s.capability_added

import data.lib.capabilities

fail contains object.union(finding, {"severity": _severity(finding.evidence.capability)}) if {
	some finding in capabilities.added(capabilities.baseline)
}

# Some runtimes take lower case and the prefix too, so they count as what they may become; an entry
# may be null, which upper alone would not take.
_severity(capability) := "critical" if {
	trim_prefix(upper(sprintf("%v", [capability])), "CAP_") in data.parameters.capability_added.critical_capabilities
} else := "high"
