# METADATA
# title: What a binding gives, and how it is told
# description: >-
#   Reads the relation `grants` and nothing of the object: all bindings that give nothing worth judging have the
#   same, and are judged once.
package lib.access

import data.lib.cluster

_grants := input.related.grants

# METADATA
# title: The rules that give a power
# description: None for subjects that the parameter known_subjects names.
given(power, parameters) := [entry |
	not _known(parameters)
	some entry in object.get(_grants, ["powers", power], [])
]

# METADATA
# title: The pairs of rules that make a combination
# description: None for subjects that the parameter known_subjects names.
joined(combination, parameters) := [pair |
	not _known(parameters)
	some pair in object.get(_grants, ["combinations", combination], [])
]

_known(parameters) if {
	known := [subject | some subject in _grants.subjects.items; subject in parameters.known_subjects]
	count(known) == _grants.subjects.total
}

# METADATA
# title: Why a binding is not judged
excuse(_) := "It is as it ships with Kubernetes, and so is its role." if _grants.ships

excuse(parameters) := "All whom it binds are known_subjects." if _known(parameters)

# METADATA
# title: Why it cannot be told what a binding gives
unread := _grants.unread

# METADATA
# title: Severity of what is worth as much as the place where it is held
scale("") := "critical"

scale(namespace) := "high" if namespace != ""

# METADATA
# title: Severity of becoming any ServiceAccount of where it is bound
gain := "critical" if _stronger

gain := scale(_grants.namespace) if not _stronger

_stronger if _grants.stronger.total > 0

# METADATA
# title: Severity of running any pod where it is bound
# description: A pod of the level privileged is as good as its node.
reach := "critical" if _grants.open.total > 0

reach := gain if not _grants.open.total > 0

# METADATA
# title: Whether a get is enough to open a connection to a pod
# description: Since Kubernetes 1.35 that asks for create too, as it begins as a GET and is none.
get_connects if cluster.minor < 35

get_connects if not cluster.minor

# METADATA
# title: A finding about rules of the role that is bound
# description: Undefined without rules. `what` is what they let somebody do.
finding(what, rules, severity) := _finding(what, rules, severity, _grants)

# METADATA
# title: A finding about the first of some pairs of rules
# description: Undefined without pairs.
joint(what, pairs, severity) := object.union(
	_finding(what, rules, severity, pairs[0]),
	{"evidence": {"completed_by": [rule.by | some rule in rules]}},
) if {
	rules := [pairs[0].first, pairs[0].second]
}

_finding(what, rules, severity, held) := {
	"path": "/roleRef",
	"message": sprintf("%s can %s %s, by rule %d of %s.", [
		_who(held.subjects),
		what,
		_where(held.namespace),
		rules[0].rule,
		rules[0].role,
	]),
	"severity": severity,
	"evidence": {
		"subjects": held.subjects,
		"rules": {"total": count(rules), "items": [_short(rule) | some rule in array.slice(rules, 0, 5)]},
	},
}

_who(subjects) := concat(", ", array.concat(
	array.slice(subjects.items, 0, 3),
	[sprintf("%d more", [subjects.total - 3]) | subjects.total > 3],
))

_where("") := "in the whole cluster"

_where(namespace) := sprintf("in namespace %s", [namespace]) if namespace != ""

_short(rule) := object.union(rule, {name: {"total": count(rule[name]), "items": array.slice(rule[name], 0, 10)} |
	some name in ["names", "resources"]
	count(rule[name]) > 10
})

# METADATA
# title: A finding with what there is around its binding
around(finding, facts) := object.union(finding, {"evidence": {fact: _grants[fact] | some fact in facts}})
