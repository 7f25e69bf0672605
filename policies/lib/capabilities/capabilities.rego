# METADATA
# title: What baseline and restricted ask of added capabilities
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
package lib.capabilities

# METADATA
# title: What container runtimes give by default, NET_RAW left out
# description: Compared exactly, as in admission; neither chown nor CAP_CHOWN is CHOWN.
baseline := {
	"AUDIT_WRITE",
	"CHOWN",
	"DAC_OVERRIDE",
	"FOWNER",
	"FSETID",
	"KILL",
	"MKNOD",
	"NET_BIND_SERVICE",
	"SETFCAP",
	"SETGID",
	"SETPCAP",
	"SETUID",
	"SYS_CHROOT",
}

# METADATA
# title: A finding for each capability that a container adds beyond those allowed
added(allowed) := {finding |
	some container in input.containers
	some i, capability in container.body.securityContext.capabilities.add
	not capability in allowed
	path := sprintf("%s/securityContext/capabilities/add/%d", [container.path, i])
	finding := {
		"path": path,
		"message": sprintf("Container %s adds the capability %s.", [container.name, capability]),
		"evidence": {"container": container.name, "role": container.role, "capability": capability},
		"patch": [{"op": "remove", "path": path}],
	}
}
