# METADATA
# title: Prometheus, and how long it is told to keep its samples
# description: >-
#   From the flags of a container and its configuration file, or from an object of its operator. A policy that
#   uses it judges the kind Prometheus and workloads, and wants the relation configuration_files. What an
#   operator makes is judged as the operator's object.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#tsdb
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/
package lib.prometheus

import data.lib.byte_size
import data.lib.configuration
import data.lib.data_directory
import data.lib.duration
import data.lib.flags
import data.lib.program
import data.lib.quantity

_found := program.containers("prometheus")[0]

# METADATA
# title: Why there is none to judge
absent := "It runs no Prometheus." if {
	not own
	not _found
} else := program.made_from if {
	not own
} else := "It is an agent, which keeps no samples." if {
	some word in flags.words(_found, "prometheus")
	word in {"--agent", "--enable-feature=agent"}
}

# METADATA
# title: Its container, in a workload
# description: Undefined where there is none to judge, and with it all that is told of a workload.
container := _found if not absent

# METADATA
# title: The words of its command line
line := flags.words(container, "prometheus")

# METADATA
# title: Whether it listens for the containers of its own pod only
loopback if {
	given := flags.values(line, {"--web.listen-address"})
	count(given) > 0
	every address in given {
		regex.match(`^(?:127\.[0-9.]+|localhost|\[::1\]):`, address)
	}
}

# METADATA
# title: Whether the object is one of the operator
own if input.meta.kind == "Prometheus"

# METADATA
# title: The pointer, and the words that begin a message
path := "/spec" if own

path := container.path

who := sprintf("Prometheus %s", [input.meta.name]) if own

who := sprintf("Container %s", [container.name])

# METADATA
# title: Its version, {major, minor} as numbers in a list
# description: Undefined where the tag of its image does not tell it.
version := [to_number(found[1]), to_number(found[2])] if {
	[found] := regex.find_all_string_submatch_n(`:v?([0-9]{1,4})\.([0-9]{1,4})[^:/@]*(?:@.*)?$`, container.body.image, -1)
}

# METADATA
# title: What its configuration file sets
# description: Undefined where that is not known, and for an object of the operator.
settings := configuration.settings(container, _file, _home)

# where its image starts it
_home := "/prometheus"

# the image starts it with this file
_file := "/etc/prometheus/prometheus.yml" if {
	count(object.get(container.body, "command", [])) + count(object.get(container.body, "args", [])) == 0
} else := file if {
	given := array.concat(["prometheus.yml"], flags.values(line, {"--config.file"}))
	file := given[count(given) - 1]
	not flags.obscure(file)
}

# METADATA
# title: What limits its samples, as it is written, {time?, size?, percentage?}
# description: >-
#   Where nothing is said of limits it is the default; {} if it keeps its samples for ever, as a configuration
#   file can say. Undefined if there is no Prometheus, or no command line.
limits := _in_file if {
	_mended
} else := _given if {
	count(_given) > 0
} else := {"time": "24h"} if {
	own
} else := {"time": "15d"} if {
	line
}

# a section in the file wins over all flags, even if it is empty
_in_file := {name: value |
	some name, setting in section
	value := _setting(name, setting)
	not _nothing(sprintf("%v", [value]))
} if {
	section := settings.storage.tsdb.retention
}

_setting(name, value) := configuration.text(value) if name != "percentage"

_setting("percentage", value) := value if is_number(value)

# METADATA
# title: Whether nothing limits its samples
unlimited if limits == {}

# METADATA
# title: The section of its file that sets limits, where its version misreads it
# description: >-
#   From v3.8 up to v3.10 a time lasts a million times as long, and limits stay when they are removed.
# related_resources:
#   - ref: https://github.com/prometheus/prometheus/pull/18200
misread := settings.storage.tsdb.retention if {
	version >= [3, 8]
	not _mended
}

_mended if version >= [3, 11]

# METADATA
# title: Why it is not known whether its version misreads its file
misread_unread contains reason if {
	some reason in _file_unread
	not _mended
}

misread_unread contains _no_version if _undated

_given := {name: value |
	some name, field in {"time": "retention", "size": "retentionSize", "percentage": "retentionPercentage"}
	value := input.spec[field]
} if {
	own
} else := {name: value |
	some name, names in _flags
	given := flags.values(line, names)
	value := given[count(given) - 1]
	not _nothing(value)
}

# a limit of 0 counts as none
_nothing(text) if duration.prometheus(text) == 0

_nothing(text) if byte_size.prometheus(text) == 0

_flags := {
	"time": {"--storage.tsdb.retention.time", "--storage.tsdb.retention"},
	"size": {"--storage.tsdb.retention.size"},
}

# METADATA
# title: How long it keeps samples, in nanoseconds
# description: Undefined if nothing but the size limits them.
time := duration.prometheus(limits.time)

# METADATA
# title: Whether it keeps samples for longer than a time, or for ever
# description: Undefined if its limits cannot be told, or the time is empty.
longer(text) if {
	count(unread) == 0
	time > duration.prometheus(text)
}

longer(text) if {
	count(unread) == 0
	unlimited
	text != ""
}

# METADATA
# title: Up to which size it keeps samples, in bytes
size := byte_size.prometheus(limits.size)

# METADATA
# title: The volume of its samples in a workload, as data_directory tells it
# description: Undefined if there is no Prometheus, or if its command line does not tell.
volume := data_directory.volume(container, directory, _home) if {
	not _opaque
	given := array.concat(["data"], flags.values(line, {"--storage.tsdb.path"}))
	directory := given[count(given) - 1]
	not flags.obscure(directory)
}

# METADATA
# title: Whether its samples lie on a claim
claimed if input.spec.storage.volumeClaimTemplate

claimed if volume.kind in {"persistentVolumeClaim", "template"}

# METADATA
# title: The size of the volume of its samples, of several the smallest, as it is written
# description: Undefined where it has none, or where that is not known. Wants the relation volume_claims.
capacity := min([[quantity.nano(size_of), size_of] | some size_of in _capacities])[1]

_capacities contains input.spec.storage.volumeClaimTemplate.spec.resources.requests.storage

_capacities contains input.spec.storage.emptyDir.sizeLimit

_capacities contains volume.source.sizeLimit

_capacities contains item.capacity if {
	some item in input.related.volume_claims.items
	item.volume == volume.name
}

# METADATA
# title: Whether the volume of its samples has a size of its own
bounded if claimed

bounded if capacity

# METADATA
# title: Why it cannot be told whether the volume has room for what is kept
volume_unread contains "Where it keeps its samples cannot be told." if {
	container
	not volume
}

volume_unread contains "How large the volume of its samples is cannot be told." if {
	limits.size
	claimed
	not capacity
}

# words that may stand for any flags
_opaque if {
	some word in line
	regex.match(`^(?:@|\$\(|\{hidden\})`, word)
}

# METADATA
# title: Why its flags, or some of them, cannot be told
line_unread contains "The command line of Prometheus cannot be told." if {
	container
	not line
}

line_unread contains "A part of the command line of Prometheus cannot be told." if _opaque

# METADATA
# title: Why its limits, or some of them, cannot be told
unread contains line_unread[_]

unread contains sprintf("%v is no duration.", [limits.time]) if not time

unread contains sprintf("%v is no size.", [limits.size]) if not size

unread contains "Whether a retention of 0 is none, or the default, depends on the version." if time == 0

unread contains "A percentage in its configuration file is no number." if {
	value := settings.storage.tsdb.retention.percentage
	not is_number(value)
}

unread contains _file_unread[_]

unread contains _no_version if _undated

unread contains "This version misreads the limits in its configuration file." if misread

_no_version := "Whether the limits in its configuration file count depends on its version, which its image does not tell."

_undated if {
	not version
	settings.storage.tsdb.retention
}

# since v3.8 the file may limit samples too, and its limits win
_file_unread contains untold[_] if not _flags_only

# METADATA
# title: Why it is not known what its configuration file sets
untold contains reason if {
	line
	not settings
	reason := _untold
}

_flags_only if version < [3, 8]

_untold := reason if {
	reason := configuration.unread(container, _file, _home)
} else := "Which configuration file Prometheus reads cannot be told."

# METADATA
# title: Where its samples go as well
elsewhere := "remoteWrite" if {
	input.spec.remoteWrite[0]
} else := "remote_write" if {
	settings.remote_write[0]
} else := "Thanos" if _uploads

# a sidecar without a store only answers queries
_uploads if {
	some field in ["objectStorageConfig", "objectStorageConfigFile"]
	input.spec.thanos[field]
}

_uploads if {
	some one in program.containers("thanos")
	words := flags.words(one, "thanos")
	"sidecar" in words
	some word in words
	regex.match(`^(?:@|\$\(|\{hidden\}|--objstore\.config)`, word)
}
