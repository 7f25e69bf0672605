# METADATA
# title: The components of the control plane of this cluster, by their pods and flags
# description: >-
#   kube-apiserver, kube-controller-manager, kube-scheduler and etcd, each by the name of its program. Where the
#   control plane is managed by others there are no such pods. The rules are undefined in every other pod.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/
#   - ref: https://etcd.io/docs/latest/op-guide/configuration/
package lib.control_plane

import data.lib.flags

# METADATA
# title: Its container, found by the label of the common installers or by the command
container(component) := found[0] if {
	input.meta.namespace == "kube-system"
	found := [one | some one in input.containers; _runs(one, component)]
}

_runs(one, component) if {
	input.meta.labels.component == component
	one.name == component
}

_runs(one, component) if {
	one.body.command[0]
	flags.words(one, component)
}

# METADATA
# title: The words of its command line
line(component) := flags.words(container(component), component)

# METADATA
# title: The value of a flag, of several the last one
flag(component, name) := given[count(given) - 1] if given := _given(component, name)

# METADATA
# title: What a flag lists, separated by commas, in all of its values
listed(component, name) := {trim_space(one) |
	some value in _given(component, name)
	some one in split(value, ",")
}

# METADATA
# title: Which of these flags have no value
missing(component, names) := {name | some name in names; _last(component, name) == ""}

# METADATA
# title: Whether a flag is on, or else off
# description: A bare one is on; one that is not given is as the default says.
switched(component, name, preset) := _truth[switches[count(switches) - 1]] if {
	switches := _switches(component, name)
} else := preset if count(_switches(component, name)) == 0

# METADATA
# title: Why its flags, or some of them, cannot be told
unread(component) := _shell(component) | {reason |
	some word in line(component)
	startswith(word, "$(")
	reason := sprintf("A variable whose value is not in the pod stands for flags of %s.", [component])
}

# METADATA
# title: Why it cannot be told what these flags set
# description: Files are the flags that name a file which may say otherwise.
untold(component, names, files) := (unread(component) | _obscure(component, names)) | _elsewhere(component, files)

# METADATA
# title: The values of those of these flags that have one
values(component, names) := {name: value |
	some name in names
	value := flag(component, name)
	value != ""
}

# METADATA
# title: A finding about a component, and the values of flags that show it
finding(component, fault, shown) := {
	"path": container(component).path,
	"message": sprintf("%s %s.", [component, fault]),
	"evidence": {
		"container": container(component).name,
		"flags": shown,
	},
}

# METADATA
# title: Why a pod is not judged
absent(component) := sprintf("This pod is not %s of the cluster.", [component]) if not container(component)

_last(component, name) := flag(component, name)

_last(component, name) := "" if count(_given(component, name)) == 0

# of etcd one dash is as good as two, and variables of its environment are flags, which the command line overrides
_spellings(component, name) := {sprintf("--%s", [name])} | {sprintf("-%s", [name]) | component == "etcd"}

_given(component, name) := array.concat(_environment(component, name), flags.values(line(component), _spellings(component, name)))

_switches(component, name) := array.concat(_environment(component, name), [value |
	some word in line(component)
	parts := split(word, "=")
	replace(parts[0], "_", "-") in _spellings(component, name)
	value := array.concat(parts, ["true"])[1]
])

_environment(component, name) := [value |
	component == "etcd"
	some variable in container(component).body.env
	variable.name == sprintf("ETCD_%s", [upper(replace(name, "-", "_"))])
	value := _literal(variable)
	value != ""
]

_literal(variable) := "$(elsewhere)" if {
	variable.valueFrom
} else := "{hidden}" if {
	is_object(variable.value)
} else := object.get(variable, "value", "")

_truth := {
	"1": true, "t": true, "T": true, "true": true, "True": true, "TRUE": true,
	"0": false, "f": false, "F": false, "false": false, "False": false, "FALSE": false,
}

_shell(component) := {reason |
	container(component)
	not line(component)
	reason := sprintf("%s is not started by its name, so its flags cannot be told.", [component])
}

_obscure(component, names) := {sprintf("The value of --%s is not in the pod.", [name]) |
	some name in names
	some value in array.concat(_given(component, name), _switches(component, name))
	flags.obscure(value)
}

_elsewhere(component, files) := {sprintf("What the file of --%s says of it is not read.", [name]) |
	some name in files
	flag(component, name) != ""
}
