# METADATA
# title: Ingress serves without TLS
# description: >-
#   What users and the application send each other, passwords and cookies too, can be read and changed on the way.
#   A host is served with TLS if an entry of spec.tls names it, or a wildcard above it. Whether the Secret of such an
#   entry is there is not looked at: Secrets are not read.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
# custom:
#   severity: high
#   category: network
#   kinds: [Ingress]
#   remediation: Name every host of the rules in hosts of an entry of spec.tls, with the Secret that holds its certificate.
#   same_as: [C-0263, tlsSettingsMissing]
#   parameters:
#     certificate_annotations: {default: [alb.ingress.kubernetes.io/certificate-arn, networking.gke.io/managed-certificates, ingress.gcp.kubernetes.io/pre-shared-cert, appgw.ingress.kubernetes.io/appgw-ssl-certificate], description: Annotations that give the load balancer a certificate for all of its hosts.}
#     internal_classes: {default: [], description: Names of IngressClasses whose controllers need no TLS.}
package k8s.ingress_without_tls

_parameters := data.parameters.ingress_without_tls

fail contains {
	"path": "/spec/tls",
	"message": sprintf("It serves %s without TLS.", [concat(", ", _bare)]),
	"evidence": {"hosts": _bare, "tls": _named},
} if {
	count(_bare) > 0
	count(skip) == 0
}

_bare := {host | some host in _hosts; not _covered(host)}

_hosts contains object.get(rule, "host", "any host") if some rule in input.spec.rules

_hosts contains "any host" if input.spec.defaultBackend

_named := {host | some entry in input.spec.tls; some host in entry.hosts}

_covered(host) if host in _named

# a wildcard stands for one label
_covered(host) if regex.replace(host, `^[^.*]+\.`, "*.") in _named

# an entry without hosts is for all of them
_covered(_) if {
	some entry in input.spec.tls
	count(object.get(entry, "hosts", [])) == 0
}

_covered(_) if {
	some name in _parameters.certificate_annotations
	input.meta.annotations[name]
}

skip contains "Its class needs no TLS." if input.spec.ingressClassName in _parameters.internal_classes

skip contains "It answers a challenge for a certificate, which comes without TLS." if {
	input.meta.labels["acme.cert-manager.io/http01-solver"] == "true"
}
