package k8s.scrape_token_to_unverified_target_test

import data.k8s.scrape_token_to_unverified_target

_map(files) := {"spec": {"configuration": files}}

_jobs(jobs) := _map({"a/b~c": {"settings": {"scrape_configs": jobs}}})

_blind := {"job_name": "kubelet", "tls_config": {"insecure_skip_verify": true}}

_finding(ways) := {
	"path": "/data/a~1b~0c",
	"key": "a/b~c kubelet",
	"message": sprintf("a/b~c: job kubelet logs in (%s) at targets whose certificates it does not verify.", [ways[0]]),
	"evidence": {"job": "kubelet", "logs_in_by": ways},
}

_cases := {
	"token": [object.union(_blind, {"authorization": {}}), {_finding(["authorization"])}],
	"password": [object.union(_blind, {"basic_auth": {}}), {_finding(["basic_auth"])}],
	"both": [object.union(_blind, {"oauth2": {}, "authorization": {}}), {_finding(["authorization", "oauth2"])}],
	"nobody logs in": [_blind, set()],
	"verified": [{"job_name": "kubelet", "authorization": {}, "tls_config": {}}, set()],
	"said to be verified": [{"job_name": "k", "authorization": {}, "tls_config": {"insecure_skip_verify": false}}, set()],
	"no TLS": [{"job_name": "kubelet", "authorization": {}}, set()],
}

test_verdict[note] if {
	some note, [job, want] in _cases
	document := _jobs([job])
	scrape_token_to_unverified_target.fail == want with input as document
	[scrape_token_to_unverified_target.skip, scrape_token_to_unverified_target.unknown] == [set(), set()] with input as document
}

test_no_jobs[note] if {
	some note, document in {"nothing": {"spec": {}}, "no job": _jobs([]), "another file": _map({"a": {"settings": {}}})}
	scrape_token_to_unverified_target.skip == {"It holds no scrape jobs."} with input as document
}

test_unread if {
	document := _map({"a": {"fault": "x"}})
	scrape_token_to_unverified_target.unknown == {"a cannot be read: x."} with input as document
	scrape_token_to_unverified_target.skip == set() with input as document
}
