# METADATA
# title: References to images
# description: >-
#   Registry, name, tag and digest as the kubelet and container runtimes tell them apart: a colon
#   before the last slash begins a port, one behind it a tag.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
#   - ref: https://pkg.go.dev/github.com/distribution/reference
package lib.image

# METADATA
# title: Every image that the pod names, of its containers and of its image volumes
# description: >-
#   `who` and `name` tell whose it is, `path` and `field` where it stands, `pull` when it is pulled;
#   nothing is put together before a policy asks for a finding.
used := array.concat(
	[one |
		some container in input.containers
		reference := _text(container.body, "image")
		reference != ""
		one := {
			"who": "Container",
			"name": container.name,
			"path": container.path,
			"field": "image",
			"reference": reference,
			"pull": object.get(container.body, "imagePullPolicy", "Always"),
			"pull_field": "imagePullPolicy",
			"parts": parse(reference),
		}
	],
	[one |
		some volume in _volumes
		reference := _text(volume.image, "reference")
		reference != ""
		one := {
			"who": "Volume",
			"name": volume.name,
			"path": volume.path,
			"field": "reference",
			"reference": reference,
			"pull": object.get(volume.image, "pullPolicy", "Always"),
			"pull_field": "pullPolicy",
			"parts": parse(reference),
		}
	],
)

# METADATA
# title: Why an image cannot be judged, of each container and volume that names none
# description: >-
#   Templates may leave it to others, such as the image triggers of OpenShift; what looks like a
#   credential is not shown to policies.
unnamed contains sprintf("Container %s names no image that can be read.", [container.name]) if {
	some container in input.containers
	_text(container.body, "image") == ""
}

unnamed contains sprintf("Volume %s names no image that can be read.", [volume.name]) if {
	some volume in _volumes
	_text(volume.image, "reference") == ""
}

_text(body, field) := "" if {
	is_object(body[field])
} else := trim_space(object.get(body, field, ""))

_volumes := [{"name": object.get(volume, "name", ""), "image": image, "path": path} |
	some i, volume in input.pod.spec.volumes
	image := volume.image
	path := sprintf("%s/volumes/%d/image", [input.pod.path, i])
]

# METADATA
# title: A finding about an image in use
# description: "`words` follow its owner's name in the message; `more` is further evidence."
finding(one, words, more) := {
	"path": sprintf("%s/%s", [one.path, one.field]),
	"message": sprintf("%s %s %s.", [one.who, one.name, words]),
	"evidence": object.union({lower(one.who): one.name, "image": one.reference}, more),
}

# METADATA
# title: Whether the next pull may bring another image
# description: No digest, and a tag that is one of `tags` or missing, which means latest.
moves(parts, tags) if {
	parts.digest == ""
	_loose(parts.tag, tags)
}

_loose("", _)

_loose(tag, tags) if tag in tags

# METADATA
# title: Name, tag and digest of a reference, each "" where it has none
# description: A digest that is not well-formed pins nothing, and counts as none.
parse(reference) := {"name": found[1], "tag": found[2], "digest": _digest(found[3])} if {
	[found] := regex.find_all_string_submatch_n(`(?s)^(.*?)(?::([^:/@]*))?(?:@(.*))?$`, reference, -1)
}

_digest(text) := text if {
	regex.match(`^[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-f]{32,}$`, text)
	[algorithm, digits] := split(text, ":")
	count(digits) == object.get({"sha256": 64, "sha384": 96, "sha512": 128}, algorithm, count(digits))
} else := ""

# METADATA
# title: A name with its registry
# description: nginx is docker.io/library/nginx, and shop/web is docker.io/shop/web.
full_name(name) := concat("/", ["docker.io/library", path]) if {
	[host, path] := _split(name)
	host == "docker.io"
	not contains(path, "/")
} else := concat("/", [lower(host), path]) if {
	[host, path] := _split(name)
}

_split(name) := [host, concat("/", array.slice(parts, 1, count(parts)))] if {
	parts := split(name, "/")
	count(parts) > 1
	is_registry(parts[0])
	host := object.get({"index.docker.io": "docker.io"}, parts[0], parts[0])
} else := ["docker.io", name]

# METADATA
# title: Whether the first part of a name is a registry, and not a path on Docker Hub
is_registry(word) if regex.match(`[.:A-Z]|^localhost$`, word)
