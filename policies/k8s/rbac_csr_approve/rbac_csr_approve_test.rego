package k8s.rbac_csr_approve_test

import data.k8s.rbac_csr_approve
import data.lib.example_binding

_signers(verb, names) := object.union(example_binding.rule([verb], ["signers"]), names)

_issues(combination, verb, names) := {"combinations": {combination: [
	example_binding.pair(example_binding.rule(["update"], ["certificatesigningrequests"]), _signers(verb, {"names": ["example.com/mesh"]})),
	example_binding.pair(example_binding.rule(["update"], ["certificatesigningrequests"]), _signers(verb, names)),
]}}

_login := {"names": ["example.com/mesh", "kubernetes.io/kube-apiserver-client"]}

# what a binding gives, severity and message
_cases := {
	"approves": [_issues("certificate_approve", "approve", {}), {["critical", example_binding.can("issue certificates to log in with")]}],
	"signs": [_issues("certificate_sign", "sign", {}), {["critical", example_binding.can("issue certificates to log in with")]}],
	"a signer of logins": [_issues("certificate_approve", "approve", _login), {["critical", example_binding.can("issue certificates to log in with")]}],
	"another signer": [_issues("certificate_approve", "approve", {"names": ["example.com/*"]}), set()],
	"something else": [_issues("role_grant", "approve", {}), set()],
	"nothing": [{}, set()],
}

test_verdict[note] if {
	some note, [case, found] in _cases
	verdict := {[one.severity, one.message] | some one in rbac_csr_approve.fail} with input as example_binding.document(case)
	verdict == found
}

test_excused if {
	rbac_csr_approve.skip == {"It is as it ships with Kubernetes, and so is its role."} with input as {"related": {"grants": {"ships": true}}}
}

test_unread if rbac_csr_approve.unknown == {"why"} with input as {"related": {"grants": {"unread": "why"}}}

test_known_subjects if {
	count(rbac_csr_approve.fail) == 0 with input as example_binding.document(_issues("certificate_sign", "sign", {}))
		with data.parameters.rbac_csr_approve as object.union(data.parameters.rbac_csr_approve, {"known_subjects": ["User alice"]})
}
