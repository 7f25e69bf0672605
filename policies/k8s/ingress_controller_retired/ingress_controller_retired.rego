# METADATA
# title: Ingress controller that nobody maintains
# description: >-
#   ingress-nginx was retired in March 2026 and its repository archived: what is found in it from then on stays
#   open, and it stands where the cluster meets the network.
# related_resources:
#   - ref: https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
#   - ref: https://gateway-api.sigs.k8s.io/
# custom:
#   severity: high
#   category: stack
#   kinds: [long_running, IngressClass]
#   remediation: Move to Gateway API, or to an Ingress controller that is maintained, and delete this one with its IngressClass.
#   parameters:
#     controllers: {default: [k8s.io/ingress-nginx], description: Names of controllers in IngressClasses that are retired.}
package k8s.ingress_controller_retired

import data.lib.image

fail contains image.finding(one, "runs ingress-nginx, which is retired", {}) if {
	some one in image.used
	regex.match(_images, one.parts.name)
}

fail contains {
	"path": "/spec/controller",
	"message": sprintf("Ingresses of class %s are for %s, which is retired.", [input.meta.name, input.spec.controller]),
	"evidence": {"controller": input.spec.controller},
} if {
	input.spec.controller in data.parameters.ingress_controller_retired.controllers
}

# its own, and those that others built of it; that of F5 is called nginx-ingress
_images := `(?:^|/)(?:ingress-nginx/controller(?:-chroot)?|nginx-ingress-controller(?:-(?:amd64|arm64))?)$`
