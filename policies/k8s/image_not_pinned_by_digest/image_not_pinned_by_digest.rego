# METADATA
# title: Image is not pinned by a digest
# description: >-
#   A tag can be moved, by its owner or by whoever gets into the registry, and then the next node runs
#   something else. A digest names the content: what was reviewed is what runs.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: low
#   category: supply_chain
#   kinds: [workload]
#   remediation: >-
#     Append the digest to the image, as in web:1.4.2@sha256:... with the digest that the registry
#     shows for it, and let a tool for dependency updates keep it current.
#   same_as: [C-0306]
package k8s.image_not_pinned_by_digest

import data.lib.image

fail contains image.finding(one, sprintf("uses %s without a digest", [one.reference]), {}) if {
	some one in image.used
	one.parts.digest == ""
}

unknown contains reason if some reason in image.unnamed
