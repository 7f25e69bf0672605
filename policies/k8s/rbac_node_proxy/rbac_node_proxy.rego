# METADATA
# title: Kubelet can be reached through the API server
# description: >-
#   The kubelet runs commands in any pod of its node for whoever may get nodes/proxy: a WebSocket begins as
#   a GET. Such a command passes no admission and is in no audit log.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/#fine-grained-authorization
# custom:
#   severity: critical
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.node_proxy]
#   remediation: >-
#     Replace nodes/proxy by what is read: nodes/metrics, nodes/stats, nodes/log, nodes/spec, since
#     Kubernetes 1.36 nodes/configz, nodes/healthz and nodes/pods.
#   same_as: [C-0279, KSV-0047]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_node_proxy

import data.lib.access

_parameters := data.parameters.rbac_node_proxy

fail contains access.finding("run commands in all pods through the kubelet", access.given("node_proxy", _parameters), "critical")

skip contains access.excuse(_parameters)

unknown contains access.unread
