# METADATA
# title: Admission policy that is not in force, or not for sure
# description: >-
#   A policy that is written in CEL does nothing before a binding puts it into force. A binding that only warns
#   or writes into the audit log lets through what the policy is against, and with failurePolicy Ignore so does
#   every error in it.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [ValidatingAdmissionPolicy, MutatingAdmissionPolicy]
#   needs: [admission_bindings]
#   remediation: >-
#     Bind the policy with validationActions [Deny], and set its failurePolicy to Fail; delete it if it is not
#     meant to be in force.
package k8s.admission_policy_not_binding

_bindings := input.related.admission_bindings

fail contains {
	"path": path,
	"key": key,
	"message": sprintf("%s %s is not binding: %s.", [input.meta.kind, input.meta.name, fault]),
	"evidence": {"bindings": object.get(_bindings, "total", null), "failurePolicy": object.get(input.spec, "failurePolicy", "Fail")},
} if {
	some [path, key, fault] in _faults
}

_faults contains ["/spec/failurePolicy", "failurePolicy", "its failurePolicy is Ignore, so errors let requests through"] if {
	input.spec.failurePolicy == "Ignore"
}

_faults contains ["/spec", "binding", "no binding puts it into force"] if _bindings.total == 0

_faults contains ["/spec", "actions", "its bindings only warn or write into the audit log"] if {
	count(_bindings.items) > 0
	count(_bindings.items) == _bindings.total
	every one in _bindings.items {
		_reports(one)
	}
}

# the bindings of other kinds have no actions
_reports(binding) if {
	actions := binding.actions
	not "Deny" in actions
}

skip contains "The manifests hold no binding of it, and the cluster may have one." if {
	not _bindings.items
	count(_faults) == 0
}
