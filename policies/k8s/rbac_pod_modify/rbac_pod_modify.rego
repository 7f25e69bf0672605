# METADATA
# title: Running pods can be changed
# description: >-
#   Who may patch a pod replaces the image of its containers, and an ephemeral container joins the processes
#   of those that run. Both run as the service account of the pod and see its secrets.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
# custom:
#   severity: high
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.pod_modify]
#   remediation: >-
#     Take update and patch on pods and pods/ephemeralcontainers away: workloads are changed by their
#     controllers. What only labels pods needs a role of its own.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_pod_modify

import data.lib.access

_parameters := data.parameters.rbac_pod_modify

fail contains access.finding("change running pods", access.given("pod_modify", _parameters), "high")

skip contains access.excuse(_parameters)

unknown contains access.unread
