# METADATA
# title: Probe or lifecycle hook names its host
# description: >-
#   The kubelet sends probes and hooks from the node. With a host of its own choosing, a pod makes
#   the node call addresses that it cannot reach itself, and learns from the answer.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   remediation: >-
#     Remove host from the probe or hook, so that the kubelet asks the pod itself; a virtual host
#     goes into httpHeaders as Host.
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.probe_host_set

import data.lib.pod_security

_version := data.parameters.probe_host_set.pss_version

fail contains {
	"path": path,
	"message": sprintf("Container %s lets the node call %s in its %s.", [container.name, host, concat(".", keys)]),
	"evidence": {"container": container.name, "role": container.role, "handler": concat(".", keys), "host": host},
	"patch": [{"op": "remove", "path": path}],
} if {
	not pod_security.not_yet(_version, 34)
	some container in input.containers
	some [keys, host] in (_probed(container.body) | _hooked(container.body))
	host != ""
	path := sprintf("%s/%s/host", [container.path, concat("/", keys)])
}

skip contains pod_security.not_yet(_version, 34)

_actions := ["httpGet", "tcpSocket"]

_probed(body) := {[[probe, action], body[probe][action].host] |
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	some action in _actions
}

_hooked(body) := {[["lifecycle", hook, action], body.lifecycle[hook][action].host] |
	some hook in ["postStart", "preStop"]
	some action in _actions
}
