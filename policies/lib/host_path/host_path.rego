# METADATA
# title: Paths of the node that a pod mounts
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
package lib.host_path

# METADATA
# title: Each hostPath volume, with what its containers mount of it
# description: >-
#   `real` of a use is the clean path that it shows, which subPath narrows. What subPathExpr narrows it
#   to is not known before the pod runs: then it is the whole volume. A volume that no container mounts
#   has one use, which is not `mounted`. `who` begins a message.
volumes := [one |
	some i, volume in input.pod.spec.volumes
	given := volume.hostPath.path
	is_string(given)
	name := object.get(volume, "name", "")
	one := {
		"name": name,
		"path": sprintf("%s/volumes/%d/hostPath", [input.pod.path, i]),
		"who": sprintf("Volume %s (%s of the node)", [name, given]),
		"evidence": {"volume": name, "hostPath": given},
		"uses": _uses(name, given),
	}
]

# METADATA
# title: Why a hostPath volume cannot be judged
# description: What looks like a credential is not shown to policies.
hidden contains sprintf("The path of volume %s looks like a credential, and is hidden.", [name]) if {
	some volume in input.pod.spec.volumes
	is_object(volume.hostPath.path)
	name := object.get(volume, "name", "")
}

_uses(name, given) := mounts if {
	mounts := [mount | some container in input.containers; some mount in _mounts(container, name, given)]
	mounts != []
} else := [{"mounted": false, "who": "no container so far", "real": clean(given), "writable": false}]

_mounts(container, name, given) := [mount |
	some i, found in container.body.volumeMounts
	found.name == name
	mount := {
		"mounted": true,
		"who": container.name,
		"path": sprintf("%s/volumeMounts/%d", [container.path, i]),
		"real": clean(concat("/", [given, _narrowed(found)])),
		"writable": object.get(found, "readOnly", false) == false,
	}
]

_narrowed(mount) := mount.subPath if {
	is_string(mount.subPath)
} else := ""

# METADATA
# title: A path without detours, and with a slash at its end
# description: >-
#   So one path lies in another exactly if it begins with it. /var/run is a link to /run, and a path
#   without a leading slash is taken from the root.
clean(path) := regex.replace(_ascended(plain), `^/var/run/`, "/run/") if {
	plain := regex.replace(sprintf("/%v/", [path]), `/(\.?/)+`, "/")
}

# METADATA
# title: Paths by how they are written, each with its clean one
named(paths) := {path: clean(path) | some path in paths}

# METADATA
# title: Which of some named paths a clean one is, holds or lies in
# description: In / lies everything, so that as a named path it stands only for itself.
touched(path, names) := {name | some name, real in names; _touch(path, real)}

_touch(path, real) if startswith(real, path)

_touch(path, real) if {
	startswith(path, real)
	real != "/"
}

# What a later `..` leaves is gone; above the root is the root. The API server refuses `..`: a manifest
# that hides behind hundreds of steps is taken to mean the root, which holds everything.
_ascended(path) := path if {
	not contains(path, "/../")
} else := concat("/", array.flatten(["", kept, ""])) if {
	parts := [part | some part in split(path, "/"); part != ""]
	count(parts) <= 256
	steps := [step | some part in parts; step := object.get({"..": -1}, part, 1)]

	# how far down the rest of the path leads from each step: one that it leads above again is left
	rest := [sum(array.slice(steps, i + 1, count(steps))) | some i, _ in steps]
	kept := [part | some i, part in parts; part != ".."; max(array.slice(rest, i, count(rest))) == rest[i]]
} else := "/"
