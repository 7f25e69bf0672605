package k8s.etcd_without_tls_test

import data.k8s.etcd_without_tls
import data.lib.static_pod

_verdict := [count(etcd_without_tls.fail), etcd_without_tls.unknown, etcd_without_tls.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--cert-file=/pki/etcd/server.crt", "--key-file=/pki/etcd/server.key"], 0],
	"empty": [["--cert-file=", "--key-file="], 1],
	"without cert-file": [["--key-file=/pki/etcd/server.key"], 1],
	"without key-file": [["--cert-file=/pki/etcd/server.crt"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("etcd", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	etcd_without_tls.fail == {{
		"path": "/spec/containers/0",
		"message": "etcd serves without TLS: it has no --cert-file.",
		"evidence": {"container": "etcd", "flags": {"key-file": "/pki/etcd/server.key"}},
	}} with input as static_pod.of("etcd", {"args": ["--key-file=/pki/etcd/server.key"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "etcd"]}, "etcd is not started by its name, so its flags cannot be told."],
	"--cert-file from elsewhere": [{"args": ["--cert-file=$(ELSEWHERE)"]}, "The value of --cert-file is not in the pod."],
	"--key-file from elsewhere": [{"args": ["--key-file=$(ELSEWHERE)"]}, "The value of --key-file is not in the pod."],
	"a file of --config-file": [{"args": ["--key-file=/pki/etcd/server.key", "--config-file=/etc/config-file"]}, "What the file of --config-file says of it is not read."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of etcd."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("etcd", body)
	verdict == [0, {reason}, set()]
}

test_all_missing if {
	{finding.message | some finding in etcd_without_tls.fail} == {"etcd serves without TLS: it has no --cert-file and --key-file."} with input as static_pod.of("etcd", {"args": []})
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not etcd of the cluster."}]
}
