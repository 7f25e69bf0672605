# METADATA
# title: Nothing enforces the network policies
# description: >-
#   The API server takes a NetworkPolicy whether or not anything holds to it. Where the network plugin does not, and no
#   other one does, everything is open, whatever the policies say and other policies of this catalogue find.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
# custom:
#   severity: critical
#   category: control_plane
#   kinds: [DaemonSet]
#   needs: [network_plugins]
#   none_found: No known network plugin was seen among the DaemonSets, so that nothing shows whether network policies are enforced.
#   remediation: >-
#     Use a network plugin that enforces policies, or add one that does beside it; Calico with Flannel is known as
#     Canal, and kube-network-policies works beside any. Then try a connection that a policy denies.
#   same_as: [C-0205]
package k8s.netpol_not_enforced

_plugin := input.related.network_plugins

_enforced_elsewhere if _plugin.others.total > 0

fail contains {
	"path": "/metadata/name",
	"message": sprintf("%s does not enforce network policies (%s), nothing else is known to, and there are %d of them.", [_plugin.plugin, _plugin.why, _plugin.policies]),
	"evidence": _plugin,
} if {
	count(skip) == 0
	_plugin.enforces == "no"
	count(_plugin.served) == 0
}

unknown contains sprintf("%s: whether it enforces network policies is not known, %s.", [_plugin.plugin, _plugin.why]) if {
	count(skip) == 0
	_plugin.enforces == "unknown"
}

unknown contains sprintf("%s does not enforce network policies, but APIs of another engine are there: %s.", [_plugin.plugin, concat(", ", _plugin.served)]) if {
	count(skip) == 0
	_plugin.enforces == "no"
	count(_plugin.served) > 0
}

skip contains "It is no network plugin that is known." if _plugin == {}

skip contains "There are no network policies to enforce." if _plugin.policies == 0

skip contains sprintf("Others enforce network policies: %s.", [concat(", ", _plugin.others.items)]) if {
	_plugin.enforces != "yes"
	_enforced_elsewhere
}
