# METADATA
# title: Volume of the type gitRepo
# description: >-
#   Its driver is off since v1.33 and cannot be turned on since v1.36: the pod does not start. Where it
#   still works, the node clones a repository as root, and its hooks have run commands there.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#gitrepo
#   - ref: https://github.com/kubernetes/kubernetes/issues/128885
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   supersedes: [volume_type_restricted]
#   remediation: >-
#     Replace the volume by an emptyDir that an init container clones the repository into, or put the
#     files into an image volume.
#   same_as: [KSV-0121]
package k8s.git_repo_volume

fail contains {
	"path": sprintf("%s/volumes/%d/gitRepo", [input.pod.path, i]),
	"message": sprintf("Volume %s clones a git repository on the node.", [name]),
	"evidence": {"volume": name},
} if {
	some i, volume in input.pod.spec.volumes
	volume.gitRepo
	name := object.get(volume, "name", "")
}
