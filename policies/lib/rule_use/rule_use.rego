# METADATA
# title: Which rules of its role a binding was seen to use
# description: A policy that uses it needs the relation rule_use, or wants it, or has it for an excuse.
package lib.rule_use

import data.lib.usage

# METADATA
# title: How many there are
rules := input.related.rule_use.rules

# METADATA
# title: How many were not used
unused := input.related.rule_use.unused.total

# METADATA
# title: Why it gives nothing, undefined if it gives something
nothing := "It gives nothing: its role has no rules, or does not exist." if rules == 0

# METADATA
# title: Why nobody can tell from a log whether it is used, undefined if that can be told
traceless := "What it gives may be used without a trace in the audit log." if {
	input.related.rule_use.traceless.total == rules
}

# METADATA
# title: The reading verbs that it may give
reads := input.related.rule_use.reads

reads := usage.reads if not input.related.rule_use

# METADATA
# title: The rules as evidence
default evidence := {}

evidence := object.filter(input.related.rule_use, ["unused", "traceless", "requests", "last"])
