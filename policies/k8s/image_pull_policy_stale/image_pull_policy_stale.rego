# METADATA
# title: Image with a tag that moves is not always pulled
# description: >-
#   A node that has an image of that tag keeps it, so that nodes run different programs under one name,
#   and a fix that was pushed reaches only some of them. It also lets a pod use an image whose registry
#   it may not read.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
# custom:
#   severity: low
#   category: supply_chain
#   kinds: [workload]
#   remediation: Name the image by the tag of a release or its digest, or set imagePullPolicy to Always.
#   same_as: [C-0075, pullPolicyNotAlways]
#   parameters:
#     mutable_tags: {default: [latest], description: Tags that are moved from one image to the next}
package k8s.image_pull_policy_stale

import data.lib.image

# the path is the image, so that image_tag_mutable there is the same root cause
fail contains object.union(finding, {"patch": [{"op": "add", "path": path, "value": "Always"}]}) if {
	some one in image.used
	one.pull != "Always"
	image.moves(one.parts, data.parameters.image_pull_policy_stale.mutable_tags)
	words := sprintf("uses %s, whose tag moves, and pulls it by the policy %s", [one.reference, one.pull])
	finding := image.finding(one, words, {"pullPolicy": one.pull})
	path := concat("/", [one.path, one.pull_field])
}

unknown contains reason if some reason in image.unnamed
