# METADATA
# title: Liveness and readiness probe are the same
# description: >-
#   A readiness probe that fails takes the pod out of its Services until it has recovered. If the
#   liveness probe asks the very same, an overload turns into restarts, which put more load on the
#   pods that are left. Other thresholds only delay that.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   severity: low
#   category: availability
#   kinds: [long_running]
#   remediation: >-
#     Let the liveness probe ask something that only a restart can repair, on a path of its own that
#     touches no dependency, or leave it out.
package k8s.probes_identical

fail contains {
	"path": sprintf("%s/livenessProbe", [container.path]),
	"message": sprintf("Liveness and readiness probe of container %s ask the same.", [container.name]),
	"evidence": {"container": container.name, "role": container.role, "probe": asked},
} if {
	some container in input.containers
	alive := container.body.livenessProbe
	ready := container.body.readinessProbe
	asked := _same(container.body, alive, ready)
	input.pod.spec.restartPolicy == "Always"
}

skip contains "Its containers are not restarted when they have done their work." if {
	input.pod.spec.restartPolicy != "Always"
}

_same(body, alive, ready) := alive.exec if {
	alive.exec == ready.exec
} else := alive.grpc if {
	alive.grpc == ready.grpc
} else := alive.httpGet if {
	_whole(body, alive.httpGet) == _whole(body, ready.httpGet)
} else := alive.tcpSocket if {
	_whole(body, alive.tcpSocket) == _whole(body, ready.tcpSocket)
}

# with what the API server would fill in, and the port by its number
_whole(body, request) := object.union_n([{"path": "/", "scheme": "HTTP"}, request, _port(body, request)])

_port(body, request) := {"port": numbers[0]} if {
	numbers := [port.containerPort | some port in body.ports; port.name == request.port]
} else := {}
