# METADATA
# title: Documents of bindings for the tests of policies
# description: A folder of one's own may use it in its tests too; no policy does.
package lib.example_binding

# METADATA
# title: The document of a binding
# description: >-
#   From a case with what the relation `grants` shall have. It binds User alice in namespace shop, where there
#   is nobody and nothing else.
document(case) := {"related": {"grants": object.union(
	{
		"namespace": "shop",
		"subjects": {"total": 1, "items": ["User alice"]},
		"powers": {},
		"combinations": {},
		"stronger": {"total": 0, "items": []},
		"open": {"total": 0, "items": []},
		"enforced": {"total": 0, "items": []},
	},
	case,
)}}

# METADATA
# title: A rule in the relation `grants`
rule(verbs, resources) := {"role": "ClusterRole r", "rule": 0, "verbs": verbs, "resources": resources}

# METADATA
# title: What a finding says about such a rule in such a binding
can(what) := sprintf("User alice can %s in namespace shop, by rule 0 of ClusterRole r.", [what])

# METADATA
# title: Two rules in the relation `grants` that meet
pair(first, second) := {
	"first": first,
	"second": second,
	"namespace": "shop",
	"subjects": {"total": 1, "items": ["User alice"]},
	"stronger": {"total": 0, "items": []},
}
