# METADATA
# title: Volumes of node folders can be created
# description: >-
#   A PersistentVolume can be a folder of a node. Claimed and mounted it gives a pod the files of the node,
#   whatever pod security level its namespace enforces.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation
# custom:
#   severity: high
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.volume_create]
#   remediation: >-
#     Let volumes be provisioned by their StorageClass, and name the provisioner under known_subjects.
#   same_as: [C-0278]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_volume_create

import data.lib.access

_parameters := data.parameters.rbac_volume_create

fail contains access.finding("mount any folder of a node by a PersistentVolume", access.given("volume_create", _parameters), "high")

skip contains access.excuse(_parameters)

unknown contains access.unread
