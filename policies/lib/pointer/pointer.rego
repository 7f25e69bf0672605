# METADATA
# title: JSON pointers and patches into the object
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6901
#   - ref: https://www.rfc-editor.org/rfc/rfc6902
package lib.pointer

# METADATA
# title: The pointer of an annotation of the pod, which stands beside the pod spec
annotation(key) := concat("", [trim_suffix(input.pod.path, "/spec"), "/metadata/annotations/", escaped]) if {
	escaped := replace(replace(key, "~", "~0"), "/", "~1")
}

# METADATA
# title: The patch that sets a value deep in a body
# description: Parents that the body at `path` lacks are added first; keys need no escaping.
put(path, body, keys, value) := array.concat(parents, [_add(path, keys, value)]) if {
	parents := [_add(path, parent, {}) |
		some i, _ in keys
		parent := array.slice(keys, 0, i)
		object.get(body, parent, null) == null
	]
}

_add(path, keys, value) := {"op": "add", "path": concat("/", array.concat([path], keys)), "value": value}
