# METADATA
# title: Compactors of Thanos, and how long they keep each resolution
# related_resources:
#   - ref: https://thanos.io/tip/components/compact.md/
package lib.thanos

import data.lib.duration
import data.lib.flags
import data.lib.program

# METADATA
# title: The containers that run one, {container, line, shown, kept}
# description: >-
#   By resolution (raw, 5m, 1h): `shown` is the time as it is written, `kept` in nanoseconds, 0 for ever,
#   missing where it is no time.
compactors := [{"container": container, "line": line, "shown": shown, "kept": kept} |
	some container in _containers
	line := flags.words(container, "thanos")
	"compact" in line
	shown := {resolution: time |
		some resolution in ["raw", "5m", "1h"]
		given := array.concat(["0d"], flags.values(line, {sprintf("--retention.resolution-%s", [resolution])}))
		time := given[count(given) - 1]
	}
	kept := {resolution: nanoseconds | some resolution, time in shown; nanoseconds := duration.prometheus(time)}
]

# METADATA
# title: Why something of a compactor cannot be told
unread contains sprintf("The command line of container %s, or a time in it, cannot be told.", [container.name]) if {
	some container in _containers
	_untold(container)
}

_untold(container) if not flags.words(container, "thanos")

_untold(container) if {
	some one in compactors
	one.container.path == container.path
	count(one.kept) < 3
}

_containers := program.containers("thanos")
