# METADATA
# title: Volume mounts a path of the host
# description: >-
#   A hostPath volume gives the pod files of the node that belong to the kubelet, the container
#   runtime or other pods. It stays a risk when read-only, and counts even if no container mounts it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   supersedes: [volume_type_restricted]
#   remediation: >-
#     Replace the hostPath volume by an emptyDir for scratch space or by a PersistentVolumeClaim for
#     data that must survive.
#   same_as: [KSV-0023, C-0048, hostPathSet, sensitive-host-mounts]
package k8s.host_path_volume

fail contains {
	"path": sprintf("%s/volumes/%d/hostPath", [input.pod.path, i]),
	"message": sprintf("Volume %s is the path %s of the node.", [name, path]),
	"evidence": {"volume": name, "path": path},
} if {
	some i, volume in input.pod.spec.volumes
	name := object.get(volume, "name", "")
	path := object.get(volume.hostPath, "path", "")
}
