package k8s.etcd_peer_without_tls_test

import data.k8s.etcd_peer_without_tls
import data.lib.static_pod

_verdict := [count(etcd_peer_without_tls.fail), etcd_peer_without_tls.unknown, etcd_peer_without_tls.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--peer-cert-file=/pki/etcd/peer.crt", "--peer-key-file=/pki/etcd/peer.key"], 0],
	"empty": [["--peer-cert-file=", "--peer-key-file="], 1],
	"without peer-cert-file": [["--peer-key-file=/pki/etcd/peer.key"], 1],
	"without peer-key-file": [["--peer-cert-file=/pki/etcd/peer.crt"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("etcd", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	etcd_peer_without_tls.fail == {{
		"path": "/spec/containers/0",
		"message": "etcd talks to its peers without TLS: it has no --peer-cert-file.",
		"evidence": {"container": "etcd", "flags": {"peer-key-file": "/pki/etcd/peer.key"}},
	}} with input as static_pod.of("etcd", {"args": ["--peer-key-file=/pki/etcd/peer.key"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "etcd"]}, "etcd is not started by its name, so its flags cannot be told."],
	"--peer-cert-file from elsewhere": [{"args": ["--peer-cert-file=$(ELSEWHERE)"]}, "The value of --peer-cert-file is not in the pod."],
	"--peer-key-file from elsewhere": [{"args": ["--peer-key-file=$(ELSEWHERE)"]}, "The value of --peer-key-file is not in the pod."],
	"a file of --config-file": [{"args": ["--peer-key-file=/pki/etcd/peer.key", "--config-file=/etc/config-file"]}, "What the file of --config-file says of it is not read."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of etcd."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("etcd", body)
	verdict == [0, {reason}, set()]
}

test_all_missing if {
	{finding.message | some finding in etcd_peer_without_tls.fail} == {"etcd talks to its peers without TLS: it has no --peer-cert-file and --peer-key-file."} with input as static_pod.of("etcd", {"args": []})
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not etcd of the cluster."}]
}
