# METADATA
# title: Alertmanager, from the flags of a container or an object of its operator
# related_resources:
#   - ref: https://prometheus.io/docs/alerting/latest/alertmanager/
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/
package lib.alertmanager

import data.lib.data_directory
import data.lib.flags
import data.lib.program

_own if input.meta.kind == "Alertmanager"

_container := program.containers("alertmanager")[0]

# METADATA
# title: Why there is none to judge
absent := "It runs no Alertmanager." if {
	not _own
	not _container
} else := program.made_from

# METADATA
# title: The pointer, and the words that begin a message
path := "/spec" if _own

path := _container.path if not _own

who := sprintf("Alertmanager %s", [input.meta.name]) if _own

who := sprintf("Container %s", [_container.name]) if not _own

# METADATA
# title: How long it keeps silences and notifications, as it is written
# description: Undefined where that cannot be told.
retention := object.get(input.spec, "retention", "120h") if _own

retention := _flag("--data.retention", "120h") if not _own

# METADATA
# title: The volume that it keeps them on, as data_directory tells it
volume := {"kind": "persistentVolumeClaim"} if {
	_own
	input.spec.storage.volumeClaimTemplate
} else := {"kind": "emptyDir"} if {
	_own
} else := data_directory.volume(_container, _flag("--storage.path", "data/"), "/alertmanager")

_flag(name, default_value) := given[count(given) - 1] if {
	not absent
	line := flags.words(_container, "alertmanager")
	every word in line {
		not regex.match(`^(?:@|\$\(|\{hidden\})`, word)
	}
	given := array.concat([default_value], flags.values(line, {name}))
	not flags.obscure(given[count(given) - 1])
}
