# METADATA
# title: Configuration of the cluster can be changed
# description: >-
#   ConfigMaps in kube-system tell parts of the cluster how to run: CoreDNS which names lead where, kube-
#   proxy how traffic flows, on EKS aws-auth who is an administrator.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/
# custom:
#   severity: [high, medium]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.system_config_map]
#   remediation: >-
#     Name the ConfigMaps that are needed by resourceNames, and give create to nobody but the identity that
#     runs the platform.
#   same_as: [C-0037, KSV-0049, KSV-0115]
#   parameters:
#     names: {default: [coredns, aws-auth, kube-proxy, kubeadm-config, extension-apiserver-authentication], description: 'ConfigMaps of kube-system that parts of the cluster run by.'}
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_system_config_map

import data.lib.access

_parameters := data.parameters.rbac_system_config_map

fail contains access.finding("change ConfigMaps that the cluster runs by", _changes, "high")

fail contains access.finding("create ConfigMaps that the cluster runs by", _rules, "medium") if count(_changes) == 0

_changes := [rule |
	some rule in _rules
	some verb in rule.verbs
	verb in {"update", "patch"}
]

_rules := [rule |
	some rule in access.given("system_config_map", _parameters)
	_concerns(rule)
]

_concerns(rule) if not rule.names

_concerns(rule) if {
	some name in rule.names
	name in _parameters.names
}

skip contains access.excuse(_parameters)

unknown contains access.unread
