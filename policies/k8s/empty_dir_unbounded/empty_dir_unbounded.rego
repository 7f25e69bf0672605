# METADATA
# title: Scratch volume has no limit
# description: >-
#   An emptyDir without sizeLimit may fill the disk of the node until pods of others are evicted, unless
#   a container's limit of ephemeral-storage bounds the whole pod. One in memory takes that memory from
#   its containers and from the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
#   - ref: https://kubernetes.io/docs/concepts/storage/ephemeral-storage/
# custom:
#   severity: [low, medium]
#   category: availability
#   kinds: [workload]
#   remediation: >-
#     Set sizeLimit of the emptyDir to what the program needs, or a limit of ephemeral-storage on its
#     container.
package k8s.empty_dir_unbounded

fail contains {
	"path": sprintf("%s/volumes/%d/emptyDir", [input.pod.path, i]),
	"message": sprintf("Volume %s may grow until the node runs out of %s.", [name, resource]),
	"severity": severity,
	"evidence": {"volume": name, "medium": medium, "containers": containers},
} if {
	some i, volume in input.pod.spec.volumes
	medium := object.get(volume.emptyDir, "medium", "")
	not _is_amount(object.get(volume.emptyDir, "sizeLimit", 0))
	[resource, severity] := _taken(medium)
	name := object.get(volume, "name", "")
	containers := {container.name |
		some container in input.containers
		some mount in container.body.volumeMounts
		mount.name == name
	}
	containers != set()
}

_taken("Memory") := ["memory", "medium"]

_taken("") := ["disk space", "low"] if not _disk_is_limited

# the kubelet evicts a pod that takes more than the limits of its containers together
_disk_is_limited if {
	some container in input.containers
	_is_amount(container.body.resources.limits["ephemeral-storage"])
}

# 0 is no limit
_is_amount(quantity) if regex.match(`^[^eE]*[1-9]`, json.marshal(quantity))
