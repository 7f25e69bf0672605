# METADATA
# title: Rights lead step by step to control of the cluster
# description: >-
#   Each step is a right that looks harmless: create a Pod, and it may run as any ServiceAccount of its
#   namespace. Together they lead from where an attacker begins (a workload that is reached from outside, an
#   account that pods get unasked, a group that nearly everybody is in) to cluster admin, all Secrets, root on
#   a node, or control of admission. The evidence has the shortest path, with the grant of each step.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [workload, ServiceAccount, RoleBinding, ClusterRoleBinding]
#   needs: [escalations]
#   remediation: >-
#     Take away the edge that `cut` of the evidence names: it is the one of this path that most of all paths
#     go through. Remove the binding, or the rule of its role; where it is a token, set
#     automountServiceAccountToken of the pod to false. auditor access shows what else a subject reaches.
#   same_as: [C-0267, C-0272]
#   parameters:
#     max_hops: {description: Steps of the longest path that is a finding, default: 6}
package k8s.rbac_escalation_path

fail contains {
	"path": _entry.path,
	"key": sprintf("%s -> %s", [found.entry, found.sink]),
	"severity": object.get({"workload": "critical"}, _entry.kind, "high"),
	"message": sprintf("%s %s in %s. %s", [_who(found), found.words, _steps(found.hops), _cut(found)]),
	"evidence": {
		"entry": found.entry,
		"sink": found.sink,
		"exposed_by": _entry.by,
		"path": found.steps,
		"cut": object.union(found.cut, {"of": found.of}),
	},
} if {
	some found in _entry.paths
	found.hops <= data.parameters.rbac_escalation_path.max_hops
}

_entry := input.related.escalations

_who(found) := sprintf(
	{
		"workload": "It is reached from outside, and whoever gets into %s reaches",
		"account": "Whoever has a token of %s reaches",
		"group": "By this binding everybody in %s reaches",
	}[_entry.kind],
	[found.entry],
)

_steps(1) := "1 step"

_steps(hops) := sprintf("%d steps", [hops]) if hops > 1

_cut(found) := sprintf("Cut %s, part of %d of the %d paths that were found.", [found.cut.edge, found.cut.paths, found.of])

skip contains "It is no entry: not reached from outside, not given to pods unasked, not bound to everybody." if {
	_entry.entry == ""
}
