package k8s.etcd_client_certificate_not_required_test

import data.k8s.etcd_client_certificate_not_required
import data.lib.static_pod

_verdict := [count(etcd_client_certificate_not_required.fail), etcd_client_certificate_not_required.unknown, etcd_client_certificate_not_required.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"on": [["--client-cert-auth=true"], 0],
	"bare": [["-client-cert-auth"], 0],
	"off": [["--client-cert-auth=false"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("etcd", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	etcd_client_certificate_not_required.fail == {{
		"path": "/spec/containers/0",
		"message": "etcd asks clients for no certificate.",
		"evidence": {"container": "etcd", "flags": {"client-cert-auth": false}},
	}} with input as static_pod.of("etcd", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "etcd"]}, "etcd is not started by its name, so its flags cannot be told."],
	"--client-cert-auth from elsewhere": [{"args": ["--client-cert-auth=$(ELSEWHERE)"]}, "The value of --client-cert-auth is not in the pod."],
	"a file of --config-file": [{"args": ["--config-file=/etc/config-file"]}, "What the file of --config-file says of it is not read."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of etcd."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("etcd", body)
	verdict == [0, {reason}, set()]
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not etcd of the cluster."}]
}
