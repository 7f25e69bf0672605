# METADATA
# title: Where the files of a program lie
# description: For policies about programs that keep data in one directory.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/
package lib.data_directory

import data.lib.host_path

# METADATA
# title: The volume that a path in a container lies on, {kind, name?, source?}
# description: >-
#   `kind` is the field of the pod's volume, "template" for a claim that a StatefulSet makes, "none" for
#   the container's own file system, "unknown" if the volume is not in the pod. A relative path starts at
#   workingDir, else at `home`, which is that of the program's image.
volume(container, path, home) := _named(max(mounts)[1]) if {
	real := host_path.clean(absolute(container, path, home))
	mounts := [[count(place), mount.name] |
		some mount in container.body.volumeMounts
		place := host_path.clean(mount.mountPath)
		startswith(real, place)
	]
} else := {"kind": "none"}

# METADATA
# title: Whether what lies on a volume of this kind is gone with the pod
# description: A volume of a CSI driver that the pod itself describes is made for that pod.
fleeting(kind) if {
	kind in {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "gitRepo", "image", "none", "projected", "secret"}
}

# METADATA
# title: What is said of data that lies on such a volume
place(found) := "in the container itself" if {
	found.kind == "none"
} else := sprintf("on volume %s, of the kind %s", [found.name, found.kind])

# METADATA
# title: A path in a container, from the root on
absolute(_, path, _) := path if startswith(path, "/")

absolute(container, path, home) := sprintf("%v/%s", [object.get(container.body, "workingDir", home), path]) if {
	not startswith(path, "/")
}

_named(name) := {"kind": "template", "name": name, "source": template} if {
	some template in input.spec.volumeClaimTemplates
	template.metadata.name == name
} else := {"kind": kind, "name": name, "source": source} if {
	some one in input.pod.spec.volumes
	one.name == name
	some kind, source in object.remove(one, ["name"])
} else := {"kind": "unknown", "name": name}
