# METADATA
# title: Root filesystem of the container is writable
# description: >-
#   Whoever breaks into a container with a writable root filesystem can replace its programs and leave
#   tools behind. With a read-only one only the volumes that the workload needs can be written to.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: >-
#     Set readOnlyRootFilesystem of the container's securityContext to true, and mount an emptyDir
#     volume at every path that the program writes to, or it will fail there.
#   same_as: [KSV-0014, C-0017, notReadOnlyRootFilesystem, no-read-only-root-fs]
#   parameters:
#     roles:
#       description: The containers that are judged; ephemeral ones are there to debug
#       default: [app, sidecar, init]
#       choices: [app, sidecar, init, ephemeral]
package k8s.read_only_root_filesystem_missing

import data.lib.pointer

_keys := ["securityContext", "readOnlyRootFilesystem"]

fail contains {
	"path": concat("/", [container.path, "securityContext/readOnlyRootFilesystem"]),
	"message": sprintf("Container %s can write to its root filesystem.", [container.name]),
	"evidence": {"container": container.name, "role": container.role},
	"patch": pointer.put(container.path, container.body, _keys, true),
} if {
	some container in input.containers
	not container.body.securityContext.readOnlyRootFilesystem
	container.role in data.parameters.read_only_root_filesystem_missing.roles
	not _windows
}

_windows if input.pod.spec.os.name == "windows"

skip contains "Windows has no such setting." if _windows
