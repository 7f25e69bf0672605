# METADATA
# title: Much can be deleted at once
# description: >-
#   With a namespace goes all that is in it, with a CustomResourceDefinition every object of its kind, with
#   a volume its data. Deleted events take the traces along.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: [medium, low]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.delete_wide]
#   remediation: >-
#     Give delete on the resources that are used, and namespaces, volumes and CustomResourceDefinitions to
#     nobody but the identity that runs the platform.
#   same_as: [C-0007, C-0031]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_delete_wide

import data.lib.access

_parameters := data.parameters.rbac_delete_wide

fail contains access.finding("delete what cannot be brought back", _wide, "medium")

fail contains access.finding("delete traces", access.given("delete_wide", _parameters), "low") if count(_wide) == 0

_wide := [rule |
	some rule in access.given("delete_wide", _parameters)
	some resource in rule.resources
	resource != "events"
]

skip contains access.excuse(_parameters)

unknown contains access.unread
