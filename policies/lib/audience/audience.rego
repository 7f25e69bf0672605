# METADATA
# title: Whom bindings name that is more than somebody
# description: For policies that need `audience`.
package lib.audience

# METADATA
# title: Why what ships with Kubernetes is no business of these policies
ships := "It ships with Kubernetes, and neither it nor its role has anything more." if input.related.audience.ships

# METADATA
# title: The subjects of a sort
of(sort) := {subject |
	some subject in input.related.audience.subjects
	subject.sort == sort
}

# METADATA
# title: Those that are given more than everybody of their sort has
given(sort) := {subject |
	some subject in of(sort)
	subject.total > 0
}

# METADATA
# title: Why it cannot be told what those of a sort are given, one reason for each role
unknown(sort) := {reason |
	some subject in of(sort)
	not subject.known
	reason := sprintf("%s is not among the manifests: what it gives %s is not known.", [subject.role, subject.name])
}

# METADATA
# title: A finding about a subject
finding(subject, message, rest) := object.union(rest, {
	"path": sprintf("/subjects/%d", [subject.index]),
	"message": message,
	"evidence": {"role": subject.role, "gives": subject.gives, "rights": subject.total},
})
