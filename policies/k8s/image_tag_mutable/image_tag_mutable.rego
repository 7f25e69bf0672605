# METADATA
# title: Image has no fixed tag
# description: >-
#   Without a tag, or with latest, the next pod may run another program than the last one, nobody can
#   tell which one ran, and a rollback brings nothing back. A digest pins the image whatever its tag.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: medium
#   category: supply_chain
#   kinds: [workload]
#   supersedes: [image_pull_policy_stale]
#   remediation: Name the image by the tag of a release, or better by its digest.
#   same_as: [KSV-0013, tagNotSpecified, latest-tag]
#   parameters:
#     mutable_tags: {default: [latest], description: Tags that are moved from one image to the next}
package k8s.image_tag_mutable

import data.lib.image

fail contains image.finding(one, sprintf(_words(one.parts.tag), [one.reference]), {"tag": one.parts.tag}) if {
	some one in image.used
	image.moves(one.parts, data.parameters.image_tag_mutable.mutable_tags)
}

_words("") := "uses %s without a tag, which means latest"

_words(tag) := "uses %s, whose tag is moved from image to image" if tag != ""

unknown contains reason if some reason in image.unnamed
