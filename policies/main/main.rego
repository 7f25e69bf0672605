# METADATA
# title: The router
# description: >-
#   Judges each document by the policies asked for it. Adding a policy edits nothing here.
#   `data.policies` lists the policies of the bundle with the rules that each may have: an unknown
#   id is left out of the answer, where its absence shows, instead of looking clean. A question may
#   name a pattern of namespaces, whose parameters then stand in for `data.parameters`: one that `data.patterns`
#   does not have leaves the document out of the answer.
package main

# METADATA
# title: One object per document, in the order of the request
# description: "{policy: {fail, skip, unknown}} for every policy that was evaluated."
# entrypoint: true
results := [verdicts |
	some question in input.questions
	verdicts := judged(question)
]

# `with` once per document, not once per policy: a quarter of the time
judged(question) := verdicts if {
	not question.pattern
	verdicts := answers(question.policies) with input as question.document
}

judged(question) := verdicts if {
	parameters := data.patterns[question.pattern]
	verdicts := answers(question.policies) with input as question.document
		with data.parameters as parameters
}

# What is no set, or is missing, stays as it is: the engine refuses it as malformed.
answers(policies) := {policy: verdict |
	some policy in policies
	rules := data.policies[policy]
	verdict := {name: entries |
		some name in rules
		entries := data.k8s[policy][name]
	}
}
