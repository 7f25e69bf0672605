# METADATA
# title: Volume of a type outside the restricted set
# description: >-
#   Volumes of the old built-in drivers mount network storage with credentials of the node and from
#   addresses that the pod chooses. The restricted level allows the types that are configuration,
#   scratch space, images, claims or CSI drivers.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: Use a PersistentVolumeClaim or a CSI volume in place of this volume's source.
#   same_as: [KSV-0028]
package k8s.volume_type_restricted

_allowed := {
	"configMap",
	"csi",
	"downwardAPI",
	"emptyDir",
	"ephemeral",
	"image",
	"persistentVolumeClaim",
	"projected",
	"secret",
}

fail contains {
	"path": sprintf("%s/volumes/%d", [input.pod.path, i]),
	"message": sprintf("Volume %s is of the type %s.", [name, concat(", ", types)]),
	"evidence": {"volume": name, "types": types},
} if {
	some i, volume in input.pod.spec.volumes
	name := object.get(volume, "name", "")
	types := object.keys(volume) - {"name"}
	count(types & _allowed) == 0
}
