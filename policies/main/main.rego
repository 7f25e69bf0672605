# METADATA
# title: The router
# description: >-
#   Judges each document by the policies asked for it. Adding a policy edits nothing here.
#   `data.policies` lists the policies of the bundle with the rules that each may have: an unknown
#   id is left out of the answer, where its absence shows, instead of looking clean.
package main

# METADATA
# title: One object per document, in the order of the request
# description: "{policy: {fail, skip, unknown}} for every policy that was evaluated."
# entrypoint: true
results := [verdicts |
	some question in input.questions

	# set once per document, not once per policy: a quarter of the time
	verdicts := answers(question.policies) with input as question.document
]

# What is no set, or is missing, stays as it is: the engine refuses it as malformed.
answers(policies) := {policy: verdict |
	some policy in policies
	rules := data.policies[policy]
	verdict := {name: entries |
		some name in rules
		entries := data.k8s[policy][name]
	}
}
