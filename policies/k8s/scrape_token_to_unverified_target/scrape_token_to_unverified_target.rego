# METADATA
# title: Scrape job sends credentials to whoever answers
# description: >-
#   With insecure_skip_verify the target need not prove who it is. The job shows it a token or a password with
#   each request: who can answer in its place has them, and with the token of Prometheus reads every metric.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#tls_config
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs
# custom:
#   severity: medium
#   category: stack
#   kinds: [ConfigMap]
#   remediation: >-
#     Give the job the certificate of the authority that signs for its targets, ca_file, and where it differs the
#     server_name. Kubelets have such certificates with serverTLSBootstrap.
package k8s.scrape_token_to_unverified_target

fail contains {
	"path": sprintf("/data/%s", [replace(replace(key, "~", "~0"), "/", "~1")]),
	"key": sprintf("%s %v", [key, job.job_name]),
	"message": sprintf("%s: job %v logs in (%s) at targets whose certificates it does not verify.", [key, job.job_name, ways[0]]),
	"evidence": {"job": job.job_name, "logs_in_by": ways},
} if {
	some [key, job] in _jobs
	job.tls_config.insecure_skip_verify == true
	ways := [way | some way in ["authorization", "basic_auth", "oauth2"]; job[way]]
}

skip contains "It holds no scrape jobs." if {
	count(_jobs) == 0
	count(unknown) == 0
}

unknown contains sprintf("%s cannot be read: %s.", [key, file.fault]) if some key, file in input.spec.configuration

_jobs contains [key, job] if {
	some key, file in input.spec.configuration
	some job in file.settings.scrape_configs
}
