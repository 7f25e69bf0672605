# METADATA
# title: Prometheus, and how long it is told to keep its samples
# description: >-
#   From the flags of a container, or from an object of its operator. A policy that uses it judges the
#   kind Prometheus and workloads. What an operator makes is judged as the operator's object.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/
package lib.prometheus

import data.lib.byte_size
import data.lib.data_directory
import data.lib.duration
import data.lib.flags
import data.lib.program
import data.lib.quantity

# METADATA
# title: Its container, in a workload
container := program.containers("prometheus")[0]

# METADATA
# title: The words of its command line
line := flags.words(container, "prometheus")

# METADATA
# title: Why there is none to judge
absent := "It runs no Prometheus." if {
	not own
	not container
} else := program.made_from if {
	not own
} else := "It is an agent, which keeps no samples." if {
	some word in line
	word in {"--agent", "--enable-feature=agent"}
}

# METADATA
# title: Whether the object is one of the operator
own if input.meta.kind == "Prometheus"

# METADATA
# title: The pointer, and the words that begin a message
path := "/spec" if own

path := container.path if not own

who := sprintf("Prometheus %s", [input.meta.name]) if own

who := sprintf("Container %s", [container.name]) if not own

# METADATA
# title: What limits its samples, as it is written, {time?, size?, percentage?}
# description: Without any limit it is the default. Undefined if there is no Prometheus, or no command line.
limits := _given if {
	not absent
	count(_given) > 0
} else := {"time": "24h"} if {
	own
} else := {"time": "15d"} if {
	not absent
	line
}

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
_nothing(value) if duration.prometheus(value) == 0

_nothing(value) if byte_size.prometheus(value) == 0

_flags := {
	"time": {"--storage.tsdb.retention.time", "--storage.tsdb.retention"},
	"size": {"--storage.tsdb.retention.size"},
}

# METADATA
# title: How long it keeps samples, in nanoseconds
# description: Undefined if nothing but the size limits them.
time := duration.prometheus(limits.time)

# METADATA
# title: Up to which size it keeps samples, in bytes
size := byte_size.prometheus(limits.size)

# METADATA
# title: The volume of its samples in a workload, as data_directory tells it
# description: Undefined if there is no Prometheus, or if its command line does not tell.
volume := data_directory.volume(container, directory, "/prometheus") if {
	not absent
	not _opaque
	given := array.concat(["data/"], flags.values(line, {"--storage.tsdb.path"}))
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
	not absent
	not own
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
# title: Why its limits, or some of them, cannot be told
unread contains "The command line of Prometheus cannot be told." if {
	not absent
	container
	not line
}

unread contains "A part of the command line of Prometheus cannot be told." if {
	not absent
	_opaque
}

unread contains sprintf("%v is no duration.", [limits.time]) if not time

unread contains sprintf("%v is no size.", [limits.size]) if not size

unread contains "Whether a retention of 0 is none, or the default, depends on the version." if {
	own
	time == 0
}

# since v3.8 the file may limit samples too, and its limits win
unread contains "Whether its configuration file limits samples too, and overrides the flags, is not known." if {
	not absent
	line
	not _flags_only
}

_flags_only if {
	[found] := regex.find_all_string_submatch_n(`:v?([0-9]{1,4})\.([0-9]{1,4})[^:/@]*(?:@.*)?$`, container.body.image, -1)
	[to_number(found[1]), to_number(found[2])] < [3, 8]
}

# METADATA
# title: Where its samples go as well
elsewhere := "remoteWrite" if input.spec.remoteWrite[0]

elsewhere := "Thanos" if {
	not input.spec.remoteWrite[0]
	_uploads
}

_uploads if input.spec.thanos

_uploads if {
	some one in program.containers("thanos")
	"sidecar" in flags.words(one, "thanos")
}
