# METADATA
# title: Rule that matches nothing
# description: >-
#   No request matches what is written, so that it gives nothing: a resource that does not exist, names in a
#   rule to create, URLs in a RoleBinding. Whoever wrote it believes that something is given, or that names
#   limit it, and the next one to make it work may write more than was meant.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
# custom:
#   severity: info
#   category: rbac
#   kinds: [Role, ClusterRole]
#   needs: [dead_rules]
#   remediation: Delete it, or write what was meant; auditor who-can tells who may do it then.
package k8s.rbac_dead_rule

fail contains {
	"path": dead.path,
	"message": sprintf("It gives nothing: %s.", [dead.reason]),
} if {
	some dead in input.related.dead_rules.dead
}

skip contains "No binding names it: it gives nothing at all." if not input.related.dead_rules.bound

skip contains "It ships with Kubernetes, and has nothing more." if {
	input.related.dead_rules.bound
	input.related.dead_rules.ships
}
