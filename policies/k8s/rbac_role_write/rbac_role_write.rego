# METADATA
# title: Roles or bindings can be written
# description: >-
#   Who may write roles or bindings shares what they have with whom they choose, also after their own
#   account is closed. More than they have themselves they cannot give.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
# custom:
#   severity: medium
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.role_write, grants.powers.binding_write]
#   remediation: Leave roles and bindings to the one identity that deploys the cluster.
#   same_as: [KSV-0055]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_role_write

import data.lib.access

_parameters := data.parameters.rbac_role_write

fail contains access.finding("share rights with others", _rules, "medium")

_rules := array.concat(access.given("role_write", _parameters), access.given("binding_write", _parameters))

skip contains access.excuse(_parameters)

unknown contains access.unread
