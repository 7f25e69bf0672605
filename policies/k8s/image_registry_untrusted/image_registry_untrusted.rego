# METADATA
# title: Image is from a registry that is not allowed
# description: >-
#   Whoever controls the registry controls what runs. With a list of registries, and of folders in
#   them, only images from places where somebody reviews or mirrors them are used.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: medium
#   category: supply_chain
#   kinds: [workload]
#   remediation: >-
#     Use the image from an allowed registry, mirroring it there first if need be, or add its registry
#     to the parameter allowed.
#   same_as: [KSV-0125, C-0078, C-0001]
#   parameters:
#     allowed:
#       description: Registries, folders or names, such as registry.example.com/shop or nginx; none, no verdict
#       default: []
package k8s.image_registry_untrusted

import data.lib.image

_allowed := {trim_suffix(entry, "/") | some entry in data.parameters.image_registry_untrusted.allowed}

fail contains image.finding(one, sprintf("uses %s, which is in no allowed registry", [name]), {"name": name}) if {
	count(_allowed) > 0
	some one in image.used
	name := image.full_name(one.parts.name)
	not name in _names
	not strings.any_prefix_match(name, _folders)
}

_names := {image.full_name(entry) | some entry in _allowed}

# a folder ends where a part of the name ends: shop is not shop-evil
_folders contains sprintf("%s/", [name]) if some name in _names

# a registry, or a folder in one, by itself would be the name of an image: hence one is added
_folders contains trim_suffix(image.full_name(sprintf("%s/x/x", [entry])), "x/x") if {
	some entry in _allowed
	image.is_registry(entry)
}

unknown contains reason if {
	count(_allowed) > 0
	some reason in image.unnamed
}

skip contains "The parameter allowed names no registry: whatever is used is allowed." if count(_allowed) == 0
