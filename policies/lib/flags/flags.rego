# METADATA
# title: The flags that programs are started with
# description: >-
#   From command and args of a container, as the kubelet and the program read them: $(VAR) is filled
#   in from the literals of env, and the value of a flag stands behind "=" or in the next word. What a
#   document hides, because it is a credential, reads {hidden}.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
package lib.flags

# METADATA
# title: The words behind the name of a program, up to a bare --
# description: >-
#   A wrapper may stand before the name. Without a command it is the image that starts the program,
#   with args. Undefined where a shell makes up the command line, or where the name is not in it.
words(container, program) := array.slice(line, 0, end) if {
	line := _line(container.body, object.get(container.body, "command", []), program)
	end := min({i | some i, word in line; word == "--"} | {count(line)})
}

# METADATA
# title: Every value that a flag is given, in their order
# description: >-
#   `spellings` are what may stand for it, as "--config.file" and "-config.file", with - wherever the
#   program takes _ too. A flag that stands alone at the end has none.
values(line, spellings) := [value |
	some i, word in line
	value := _value(line, i, word, spellings)
]

# METADATA
# title: The value that counts where a flag may be repeated, as with the programs of Kubernetes
last(line, name) := given[count(given) - 1] if given := values(line, {concat("", ["--", name])})

# METADATA
# title: Whether a value cannot be told
# description: It is hidden, or a variable is left in it whose value does not stand in the pod.
obscure(value) if contains(value, "{hidden}")

obscure(value) if contains(value, "$(")

_line(body, [], _) := _filled(body, object.get(body, "args", []))

_line(body, command, program) := array.slice(all, start + 1, count(all)) if {
	count(command) > 0
	all := _filled(body, array.concat(command, object.get(body, "args", [])))
	not _base(all[0]) in {"sh", "bash", "ash", "dash"}
	start := min({i | some i, word in all; not startswith(word, "-"); _base(word) == program})
}

_base(word) := parts[count(parts) - 1] if parts := split(word, "/")

_value(line, i, word, spellings) := line[i + 1] if {
	replace(word, "_", "-") in spellings
} else := substring(word, end + 1, -1) if {
	contains(word, "=")
	end := indexof(word, "=")
	replace(substring(word, 0, end), "_", "-") in spellings
}

# The kubelet fills in once, and $$ is how to write $. What it is told elsewhere stays as it is.
_filled(body, line) := [_fill(word, table) | some word in line] if {
	written := object.union_n(array.concat(
		[{"$$": "$"}],
		[_written(variable) | some variable in object.get(body, "env", [])],
	))
	table := {reference: _fill(value, written) | some reference, value in written}
}

_fill(word, table) := "{hidden}" if {
	is_object(word)
} else := strings.replace_n(table, word)

_written(variable) := {reference: reference} if {
	variable.valueFrom
	reference := sprintf("$(%s)", [variable.name])
} else := {sprintf("$(%s)", [variable.name]): object.get(variable, "value", "")}
