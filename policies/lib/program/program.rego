# METADATA
# title: Containers that run a program
# description: >-
#   By the name of the program in the command, or of the image that starts it: the last part of its
#   name, as in quay.io/prometheus/prometheus. What a shell starts counts by its image.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
package lib.program

# METADATA
# title: The containers that run it and stay, those of the pod and sidecars
containers(name) := [one |
	some one in input.containers
	one.role in {"app", "sidecar"}
	_runs(one.body, name)
]

# METADATA
# title: The operator's object that a StatefulSet is made from, which is judged instead
# description: Undefined if it is made from none.
made_from := sprintf("It is made from %s %s, which is judged instead.", [owner.kind, owner.name]) if {
	owner := input.meta.controller
	startswith(owner.apiVersion, "monitoring.coreos.com/")
	owner.kind != "PrometheusAgent"
}

_runs(body, name) if {
	regex.match(sprintf(`^(?:.*/)?%s(?::[^:/@]*)?(?:@.*)?$`, [name]), sprintf("%v", [body.image]))
	_left_to_image(object.get(body, "command", [""])[0])
}

_runs(body, name) if {
	some word in body.command
	regex.match(sprintf(`^(?:[^-].*/|/)?%s$`, [name]), sprintf("%v", [word]))
}

_left_to_image(first) if regex.match(`^(?:|(?:.*/)?(?:ba|da|a)?sh)$`, sprintf("%v", [first]))
