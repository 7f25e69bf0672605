# METADATA
# title: Nodes can be changed
# description: >-
#   Who may change or delete nodes decides where pods run: with the labels, taints and capacity of a node
#   they are drawn to one that somebody controls. With the right to delete or evict pods they are moved
#   there at once.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.node_write, grants.combinations.pod_move]
#   remediation: >-
#     Leave nodes to the kubelets and to the controllers of the cloud; what only cordons nodes has no need
#     for nodes/status or delete.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_node_write

import data.lib.access

_parameters := data.parameters.rbac_node_write

fail contains access.joint("move pods to a node of their choice", _moves, "critical")

fail contains access.finding("change nodes", access.given("node_write", _parameters), "high") if count(_moves) == 0

_moves := access.joined("pod_move", _parameters)

skip contains access.excuse(_parameters)

unknown contains access.unread
