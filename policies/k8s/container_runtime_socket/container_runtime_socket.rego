# METADATA
# title: Socket of the container runtime is mounted
# description: >-
#   Whoever reaches the socket of the container runtime can start a privileged container beside every
#   rule of the cluster, and so owns the node. Mounting it read-only changes nothing: a socket is
#   connected to, not written.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
#   - ref: https://docs.docker.com/engine/security/#docker-daemon-attack-surface
# custom:
#   severity: [critical, low]
#   category: pod_security
#   kinds: [workload]
#   supersedes: [host_path_volume, volume_type_restricted]
#   remediation: >-
#     Remove the hostPath volume: build images with a tool that needs no daemon, and ask the Kubernetes
#     API about containers. Mount a folder that holds the socket only below it, with subPath.
#   same_as: [KSV-0006, C-0074, docker-sock]
#   parameters:
#     sockets: {description: Where runtimes listen on the node, default: [/run/docker.sock, /run/cri-dockerd.sock,
#       /run/containerd/containerd.sock, /run/crio/crio.sock, /run/podman/podman.sock, /run/k3s/containerd/containerd.sock,
#       /run/k0s/containerd.sock, /var/snap/docker/common/run/docker.sock, /var/snap/microk8s/common/run/containerd.sock]}
package k8s.container_runtime_socket

import data.lib.host_path

_sockets := host_path.named(data.parameters.container_runtime_socket.sockets)

fail contains {
	"path": volume.path,
	"message": sprintf("%s opens the socket of a container runtime to %s.", [volume.who, concat(", ", names)]),
	"severity": {true: "critical", false: "low"}[volume.uses[0].mounted],
	"evidence": object.union(volume.evidence, {
		"sockets": {socket | some [socket, _] in open},
		"containers": {use.who | some [_, use] in open; use.mounted},
	}),
} if {
	some volume in host_path.volumes
	open := {[socket, use] | some use in volume.uses; some socket in _open(use)}
	open != set()
	names := {use.who | some [_, use] in open}
}

_open(use) := host_path.touched(use.real, _sockets) if {
	use.mounted
} else := {socket | some socket, real in _sockets; startswith(use.real, real)}

unknown contains reason if some reason in host_path.hidden
