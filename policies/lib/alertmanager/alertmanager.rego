# METADATA
# title: Alertmanager, from the flags of a container or an object of its operator
# related_resources:
#   - ref: https://prometheus.io/docs/alerting/latest/alertmanager/
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/
package lib.alertmanager

import data.lib.data_directory
import data.lib.duration
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

path := _container.path

who := sprintf("Alertmanager %s", [input.meta.name]) if _own

who := sprintf("Container %s", [_container.name])

# METADATA
# title: How long it keeps silences and notifications, as it is written
# description: Undefined where that cannot be told.
retention := evidence.retention

# METADATA
# title: Where that is from, {retention, url?, at?}
# description: >-
#   What runs counts before what is declared, and of several the one that forgets first. Wants the relation
#   alertmanager_runtime.
evidence := min([[duration.go(one.retention), one] | some one in _observed])[1] if {
	not absent
} else := {"retention": object.get(input.spec, "retention", "120h")} if {
	_own
} else := {"retention": _flag("--data.retention", "120h")}

_observed := [{"url": one.url, "at": one.at, "retention": object.get(one.told, "retention", "120h")} |
	some one in input.related.alertmanager_runtime
	not one.told.uncertain
]

# METADATA
# title: Why a running one that was asked has not said how long it keeps them
unanswered contains sprintf("%s did not say: %s.", [one.url, one.failure]) if {
	not absent
	some one in input.related.alertmanager_runtime
}

# METADATA
# title: The volume that it keeps them on, as data_directory tells it
volume := {"kind": "persistentVolumeClaim"} if {
	input.spec.storage.volumeClaimTemplate
} else := {"kind": "emptyDir"} if {
	_own
} else := data_directory.volume(_container, _flag("--storage.path", "data"), "/alertmanager")

_flag(name, default_value) := given[count(given) - 1] if {
	not absent
	line := flags.words(_container, "alertmanager")
	every word in line {
		not regex.match(`^(?:@|\$\(|\{hidden\})`, word)
	}
	given := array.concat([default_value], flags.values(line, {name}))
	not flags.obscure(given[count(given) - 1])
}
