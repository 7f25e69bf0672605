# METADATA
# title: The API itself can be extended
# description: >-
#   An APIService sends the requests for a group of the API to a server of somebody, with the identity of
#   who asks; a CustomResourceDefinition can have a conversion webhook that reads and changes all of its
#   objects, or take a kind away.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
# custom:
#   severity: high
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.apiservice_write]
#   remediation: >-
#     Leave APIServices and CustomResourceDefinitions to the identity that runs the platform, and install
#     those of an operator with it.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_apiservice_write

import data.lib.access

_parameters := data.parameters.rbac_apiservice_write

fail contains access.finding("change the API that others use", access.given("apiservice_write", _parameters), "high")

skip contains access.excuse(_parameters)

unknown contains access.unread
