# METADATA
# title: The router
# description: >-
#   Judges each document by the policies asked for it. Adding a policy edits nothing here.
#   `data.policies` lists the policies of the bundle with the rules that each may have, and whether a rule is a
#   set whatever the document is. Only of such a rule nothing is answered where it is empty: an unknown id
#   is left out of the answer, where its absence shows, instead of looking clean. A question may
#   name a pattern of namespaces, whose parameters then stand in for `data.parameters`: one that `data.patterns`
#   does not have leaves the document out of the answer.
package main

# METADATA
# title: What was asked, rule by rule, and what the rules emit
# description: >-
#   `rules` has a list for each list of policies of the request; `entries` one for each document, in the order of
#   the request, of pairs: a place in the list of rules that its question names, and what that rule emits. A
#   rule that is sure to be a set is left out where it emits nothing.
# entrypoint: true
results := {"rules": rules, "entries": entries}

# METADATA
# title: The rules of each list of policies, as policy, name, and whether it is sure to be a set
# description: Of the same list for many documents they are looked up once, and named once in the answer.
rules := [[[policy, name, sure] | some policy in policies; some name, sure in data.policies[policy]] |
	some policies in input.policies
]

# each rule with what need not be answered; one that is not sure has no such value
_asked := [[[policy, name, {true: set(), false: {policy: name}}[sure]] | some [policy, name, sure] in listed] |
	some listed in rules
]

# METADATA
# title: What each document is answered
entries := [answer |
	some question in input.questions
	answer := judged(question)
]

# `with` once per document, not once per policy: a quarter of the time
judged(question) := answer if {
	not question.pattern
	asked := _asked[question.policies]
	answer := emitted(asked) with input as question.document
}

judged(question) := answer if {
	parameters := data.patterns[question.pattern]
	asked := _asked[question.policies]
	answer := emitted(asked) with input as question.document
		with data.parameters as parameters
}

# What is no set, or is missing, stays as it is: the engine refuses it as malformed.
emitted(asked) := [[i, found] |
	some i, [policy, name, nothing] in asked
	found := data.k8s[policy][name]
	found != nothing
]
