# METADATA
# title: Container keeps default capabilities
# description: >-
#   Runtimes give every container about a dozen pieces of root's power, such as changing the owner of
#   files or its own user. Few programs need any: drop all, and add NET_BIND_SERVICE if a port below
#   1024 is opened. Before v1.22 the standards only limited what may be added.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   remediation: >-
#     Set securityContext.capabilities.drop to [ALL] in the container, exactly so, and add at most
#     NET_BIND_SERVICE.
#   same_as: [KSV-0003, KSV-0004, KSV-0106, C-0055, insecureCapabilities]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.capabilities_not_dropped

import data.lib.capabilities
import data.lib.pod_security
import data.lib.pointer

_version := data.parameters.capabilities_not_dropped.pss_version

_keys := ["securityContext", "capabilities", "drop"]

fail contains {
	"path": sprintf("%s/%s", [container.path, concat("/", _keys)]),
	"message": sprintf("Container %s keeps default capabilities: drop is %v, without ALL.", [container.name, drop]),
	"evidence": {"container": container.name, "role": container.role, "drop": drop},
	"patch": pointer.put(container.path, container.body, _keys, ["ALL"]),
} if {
	not pod_security.not_yet(_version, 22)
	not pod_security.windows(_version)
	some container in input.containers
	drop := object.get(container.body, _keys, [])
	not "ALL" in drop
}

fail contains finding if {
	not pod_security.windows(_version)
	some finding in capabilities.added(_allowed)
}

skip contains pod_security.windows(_version)

_allowed := capabilities.baseline if {
	pod_security.not_yet(_version, 22)
} else := {"NET_BIND_SERVICE"}
