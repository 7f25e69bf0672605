# METADATA
# title: Loki, and how long it is told to keep logs
# description: >-
#   From the flags of a container and its configuration files. A policy that uses it judges workloads, and wants
#   the relation configuration_files. Of the parts of one Loki, the one with the compactor deletes logs.
# related_resources:
#   - ref: https://grafana.com/docs/loki/latest/operations/storage/retention/
#   - ref: https://grafana.com/docs/loki/latest/configure/#limits_config
package lib.loki

import data.lib.configuration
import data.lib.duration
import data.lib.flags
import data.lib.program

_found := [[one, name] |
	some name in ["loki", "enterprise-logs"]
	some one in program.containers(name)
][0]

# METADATA
# title: Its container
container := _found[0]

_line := flags.words(container, _found[1])

# METADATA
# title: Why there is none to judge
absent := "It runs no Loki." if {
	not container
} else := sprintf("Its Loki has the target %s, which deletes no logs.", [_target]) if {
	not contains(_target, "$")
	{trim_space(one) | some one in split(_target, ",")} & {"all", "backend", "compactor"} == set()
}

# METADATA
# title: Whether its compactor deletes what is too old
enforced if enforced_as in _true

# METADATA
# title: The same as it is written
enforced_as := _switch("compactor.retention-enabled")

enforced_as := configuration.text(object.get(settings, ["compactor", "retention_enabled"], false)) if {
	not _switch("compactor.retention-enabled")
}

# METADATA
# title: Whether it lacks what it does not start without, since v3, if it deletes logs
storeless if {
	enforced
	[found] := regex.find_all_string_submatch_n(`:v?([0-9]{1,4})\.[0-9]{1,4}[^:/@]*(?:@.*)?$`, container.body.image, -1)
	to_number(found[1]) >= 3
	not _store
}

_store := _flag("compactor.delete-request-store")

_store := configuration.text(settings.compactor.delete_request_store) if not _flag("compactor.delete-request-store")

# METADATA
# title: What its configuration file sets
# description: Undefined where that is not known.
settings := configuration.settings(container, _file, "/")

# METADATA
# title: How long it keeps logs, as it is written, by the place of the setting
# description: Of all, of streams, and of single tenants.
shown["limits_config.retention_period"] := _period

shown[where] := text if {
	some [place, limits] in _limits
	some setting, text in _texts(limits)
	where := sprintf("%s%s", [place, setting])
}

# METADATA
# title: The same in nanoseconds, without what is kept for ever
kept := {where: time |
	some where, text in shown
	time := duration.prometheus(text)
	time != 0
}

# METADATA
# title: The place of the shortest of them
# description: Undefined if it keeps everything for ever.
shortest := min([[time, where] | some where, time in kept])[1]

# METADATA
# title: Why its settings, or some of them, cannot be told
unread contains "The command line of Loki cannot be told." if {
	container
	not _line
}

unread contains "A part of the command line of Loki cannot be told." if {
	some word in _line
	regex.match(`^(?:@|\$\(|\{hidden\})`, word)
}

unread contains _file_unread if {
	_line
	not settings
}

unread contains sprintf("Its target is %s, which cannot be told.", [_target]) if contains(_target, "$")

unread contains sprintf("compactor.retention_enabled is %s, which is neither true nor false.", [enforced_as]) if {
	not enforced_as in (_true | _false)
}

unread contains sprintf("%s is %s, which is no duration.", [where, text]) if {
	some where, text in shown
	not duration.prometheus(text)
}

# older kinds of index have nothing else that deletes
unread contains "Whether its table manager deletes logs depends on its index." if {
	configuration.text(settings.table_manager.retention_deletes_enabled) in _true
	not enforced
}

# METADATA
# title: Why what single tenants have cannot be told
tenants_unread contains configuration.unread(container, _tenants, "/")

_file_unread := reason if {
	reason := configuration.unread(container, _file, "/")
} else := "Which configuration file Loki reads cannot be told."

# the image starts it with this file
_file := "/etc/loki/local-config.yaml" if {
	count(object.get(container.body, "command", [])) + count(object.get(container.body, "args", [])) == 0
} else := file if {
	file := _flag("config.file")
	not flags.obscure(file)
} else := "config.yaml" if {
	not _flag("config.file")
}

_target := _flag("target")

_target := object.get(settings, "target", "all") if not _flag("target")

_period := _flag("store.retention")

_period := configuration.text(object.get(settings, ["limits_config", "retention_period"], "0s")) if not _flag("store.retention")

_limits contains ["limits_config.", {"retention_stream": settings.limits_config.retention_stream}]

_limits contains [sprintf("overrides.%s.", [tenant]), limits] if {
	some tenant, limits in configuration.settings(container, _tenants, "/").overrides
}

_texts(limits) := object.union(
	{"retention_period": text | text := configuration.text(limits.retention_period)},
	{sprintf("retention_stream[%d]", [i]): text |
		some i, stream in limits.retention_stream
		text := configuration.text(stream.period)
	},
)

# the file that it reads again while it runs
_tenants := path if {
	path := _flag("runtime-config.file")
} else := path if {
	path := _flag("limits.per-user-override-config")
} else := path if {
	path := configuration.text(settings.runtime_config.file)
} else := configuration.text(settings.limits_config.per_tenant_override_config)

_flag(name) := given[count(given) - 1] if given := flags.values(_line, {sprintf("-%s", [name]), sprintf("--%s", [name])})

_switch(name) := _worth(words[count(words) - 1]) if {
	words := [word | some word in _line; regex.match(sprintf(`^--?%s(?:=|$)`, [name]), word)]
}

# a switch that stands alone is on
_worth(word) := "true" if not contains(word, "=")

_worth(word) := regex.replace(word, "^[^=]*=", "") if contains(word, "=")

_true := {"true", "True", "TRUE", "t", "T", "1"}

_false := {"false", "False", "FALSE", "f", "F", "0"}
