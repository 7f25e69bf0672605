# METADATA
# title: What an audit log tells of the use of an object
# description: A policy that uses it needs the relation usage.
package lib.usage

# METADATA
# title: The whole log, in figures
log := input.related.usage.log

# METADATA
# title: Whether it was not seen
idle if not input.related.usage.used

# METADATA
# title: Why it is too young to be judged, undefined if it is not
young := "It was made while the audit log was written." if input.related.usage.young

# METADATA
# title: Why what was not seen may have been there all the same
# description: The log has to tell of so many days.
doubts(days) := _unclear | {sprintf("The audit log has events of %d days, and %d are asked for.", [log.days, days]) |
	log.days < days
}

_unclear contains "The audit log names more bindings and ServiceAccounts than are kept of it." if log.full

_unclear contains "Since when it is there is not known." if {
	object.get(input.related.usage, "young", null) == null
}

# METADATA
# title: The verbs that every cluster has requests of
reads := ["get", "list", "watch"]

# METADATA
# title: Why requests with these verbs may be missing from the log
left_out(verbs) := {sprintf("The audit log has no %s request at all, as if its policy left them out.", [verb]) |
	some verb in verbs
	verb in log.absent
}

# METADATA
# title: The log as evidence
evidence := object.filter(log, ["first", "last", "days", "requests", "broken"])
